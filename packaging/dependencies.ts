import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Architecture } from './architecture.ts'
import { productionLock } from './lockfile.ts'
import { strip } from './strip.ts'

/** Of modules that are not in the bundle, the files that the program reads. Each is looked up where it is used. */
const READ: Readonly<Record<string, readonly string[]>> = {
  '@tgwf/co2': ['dist/cjs/package.json', 'dist/cjs/data.js', 'dist/cjs/data/average-intensities.min.js'],
  'better-sqlite3': ['lib/**/*.js', 'prebuilds/*'],
  re2js: ['build/index.cjs'],
  uplot: ['dist/uPlot.iife.min.js'],
}
/** Kept of every module: people find the licence there, and scanners the version. */
const MANIFEST = 'package.json'
const LEGAL = /^(licen[cs]e|notice|copying)/i
/** Folders of modules, wherever npm puts them. */
export const MODULES = '{*,@*/*,**/node_modules/*,**/node_modules/@*/*}'

/** Installs what runs on a server into `folder`/node_modules: nothing is compiled, no module's script runs. */
export function installDependencies(folder: string): void {
  const { manifest, lockfile } = productionLock()
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lockfile))
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-bin-links', '--prefer-offline', ...quiet], { cwd: folder })
}

/**
 * Leaves what the program reads, and of what is bundled the manifest and the licence.
 * @param bundled as `bundle` returns them
 * @returns the folders of all modules that a server gets in one way or the other
 */
export function pruneDependencies(
  folder: string,
  bundled: ReadonlySet<string>,
  architecture: Architecture,
): ReadonlySet<string> {
  const modules = join(folder, 'node_modules')
  const read = Object.keys(READ).map((name) => `node_modules/${name}`)
  const carried = new Set([...bundled, ...read].sort())
  keepLicences(modules)
  const kept = new Set(
    [...carried].flatMap((path) => {
      const names = readdirSync(join(folder, path)).filter((name) => name === MANIFEST || LEGAL.test(name))
      const patterns = READ[path.replace('node_modules/', '')] ?? []
      return [...names, ...globSync([...patterns], { cwd: join(folder, path) })].map((name) => join(folder, path, name))
    }),
  )
  const prebuild = `better-sqlite3/prebuilds/linux-${architecture.node}.node`
  for (const entry of readdirSync(modules, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const isOther = path.includes('/prebuilds/') && relative(modules, path) !== prebuild
    if (!entry.isDirectory() && (isOther || !kept.has(path))) rmSync(path)
  }
  strip(architecture, join(modules, prebuild))
  execFileSync('find', [modules, '-type', 'd', '-empty', '-delete'])
  return carried
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
