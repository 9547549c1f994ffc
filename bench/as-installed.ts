import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

/**
 * Compiles the program and tells how packages start it: Node's arguments up to the program's own. Stripping types at the
 * start would cost 30 MB. Sets the environment that their script sets.
 */
export function asInstalled(): readonly string[] {
  execFileSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: root })
  const script = readFileSync(join(root, 'packaging/bin/wattledger'), 'utf8')
  for (const [, name = '', value] of script.matchAll(/^export (\w+)=(\S+)$/gm)) process.env[name] = value
  const flags = /^exec "\$lib\/bin\/node" (.*) "\$lib/m.exec(script)?.[1]
  if (flags === undefined) throw new Error('packaging/bin/wattledger does not start Node as it did')
  return [...flags.split(' '), join(root, 'dist/main.js')]
}
