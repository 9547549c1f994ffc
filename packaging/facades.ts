import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'

/** As esbuild writes one: `import a,{b,c as d}from"node:fs";`, or `import*as e from"node:fs";`. */
const IMPORT = /\bimport(?: ([\w$]+),?)?(?:\{([^}]*)\}|\*as ([\w$]+))?\s*from"([\w:/-]+)";/g
/**
 * What lies beside the program, by where it is: to find it by its name Node looks into manifests, for which it compiles a pattern to
 * 90 kB, and what it imports that is CommonJS it reads twice.
 */
const BESIDE: Readonly<Record<string, string>> = {
  'better-sqlite3': '../node_modules/better-sqlite3/lib/index.js',
  '#addon': '../build/Release/wattledger.node',
}
const REQUIRED = /(?<=\brequire\d*\(")#?[\w-]+(?="\))/g
/** CommonJS modules ask for those of Node by `require`, which no ES module has. */
const REQUIRE = 'const require=globalThis.process.getBuiltinModule("node:module").createRequire(import.meta.url);'

/**
 * Has bundled files take Node's own modules, and what lies beside them, as CommonJS does. An import makes a namespace, for which each property is
 * read: `node:fs` then loads what FileHandle needs of readline, `node:crypto` its Web interface, `node:util` its diff and its
 * parser of arguments. In an agent that was 0.5 MB.
 */
export function withoutFacades(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.js')) continue
    const file = join(folder, name)
    const [, shebang = '', code = ''] = /^(#![^\n]*\n)?(.*)$/s.exec(readFileSync(file, 'utf8')) ?? []
    const taken = code.replace(IMPORT, asTaken).replace(REQUIRED, (module) => BESIDE[module] ?? module)
    const required = /\brequire\b/.test(taken) ? REQUIRE : ''
    writeFileSync(file, `${shebang}${required}${taken}`)
  }
}

/** Bindings of a builtin never change, and `var` may stand where an import of the same name stands twice. */
function asTaken(statement: string, whole?: string, named?: string, all?: string, module = ''): string {
  const taken = isBuiltin(module) ? `globalThis.process.getBuiltinModule("${module}")` : `require("${module}")`
  if (!isBuiltin(module) && BESIDE[module] === undefined) return statement
  const names = [whole, all, named && `{${named.replaceAll(/ as /g, ':')}}`].filter((name) => name)
  return names.length === 0 ? statement : `var ${names.map((name) => `${name}=${taken}`).join(',')};`
}
