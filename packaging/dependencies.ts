import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, extname, join, relative } from 'node:path'
import type { Architecture } from './architecture.ts'
import { productionLock } from './lockfile.ts'

/** Of a module's files, what Node loads and what its licence wants kept. */
const LOADED: readonly string[] = ['.js', '.cjs', '.mjs', '.json', '.node']
const HIDDEN = /(^|\/)\./
const LEGAL = /^(licen[cs]e|notice|copying)/i
const MODULES = '{*,@*/*,*/node_modules/*}'
/** Only at the top of a module: deeper, such names may hold code. */
const NOT_LOADED = '{test,tests,docs,example,examples,benchmark,benchmarks,fixtures,coverage,browser}'
const SOURCES = [
  'better-sqlite3/deps',
  'better-sqlite3/src',
  'zod/src',
  'node-addon-api',
  // The page is served the shortest of its builds.
  ...['cjs', 'esm', 'iife'].map((build) => `uplot/dist/uPlot.${build}.js`),
]
/** Twins of modules that are imported. */
const REQUIRED = '@opentelemetry/*/dist/**/*.cjs'

interface Manifest {
  readonly bin?: string | Readonly<Record<string, string>>
}

/** Installs what runs on a server into `folder`/node_modules: nothing is compiled, no module's script runs. */
export function installDependencies(folder: string): void {
  const { manifest, lockfile } = productionLock()
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lockfile))
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-bin-links', '--prefer-offline', ...quiet], { cwd: folder })
}

/** Drops what the modules carry for other machines, for compilers and for readers. */
export function pruneDependencies(modules: string, { node, triplet }: Architecture): void {
  const drop = (path: string) => rmSync(join(modules, path), { recursive: true, force: true })
  keepLicences(modules)
  for (const path of [...SOURCES, '.package-lock.json']) drop(path)
  for (const path of globSync(`${MODULES}/${NOT_LOADED}`, { cwd: modules })) drop(path)
  for (const path of globSync(REQUIRED, { cwd: modules })) drop(path)
  for (const path of commands(modules)) drop(path)
  for (const entry of readdirSync(modules, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = relative(modules, join(entry.parentPath, entry.name))
    const isKept = LOADED.includes(extname(path)) && !HIDDEN.test(path)
    if (!isKept && !LEGAL.test(entry.name)) drop(path)
  }
  for (const path of globSync('better-sqlite3/prebuilds/*', { cwd: modules })) {
    if (basename(path) !== `linux-${node}.node`) drop(path)
    else execFileSync(`${triplet}-strip`, ['--strip-unneeded', join(modules, path)])
  }
  execFileSync('find', [modules, '-type', 'd', '-empty', '-delete'])
}

/** Some modules have their licence as the last chapter of their README alone, which is dropped. */
function keepLicences(modules: string): void {
  for (const readme of globSync(`${MODULES}/README.md`, { cwd: modules })) {
    const folder = join(modules, dirname(readme))
    if (readdirSync(folder).some((name) => LEGAL.test(name))) continue
    const [, licence] = /^#+ Licen[cs]e\n([\s\S]+)/im.exec(readFileSync(join(modules, readme), 'utf8')) ?? []
    if (licence !== undefined) writeFileSync(join(folder, 'LICENSE'), licence.trimStart())
  }
}

/** Programs that modules bring for a person's shell, each where its manifest says: nobody calls them here. */
function commands(modules: string): readonly string[] {
  return globSync(`${MODULES}/package.json`, { cwd: modules }).flatMap((path) => {
    const { bin = {} } = JSON.parse(readFileSync(join(modules, path), 'utf8')) as Manifest
    const files = typeof bin === 'string' ? [bin] : Object.values(bin)
    return files.map((file) => join(dirname(path), file))
  })
}
