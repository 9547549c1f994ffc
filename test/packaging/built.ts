import { execFileSync, spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, type TestContext } from 'node:test'
import type { Architecture } from '../../packaging/architecture.ts'

const SCRIPT = resolve(import.meta.dirname, '../../scripts/package.ts')

/** A folder that is gone after the file's tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-packaging-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface Packages {
  readonly deb: string
  readonly rpm: string
  readonly tarball: string
}

/** What building for both processors takes. */
export const BUILD_TOOLS = [
  'aarch64-linux-gnu-g++',
  'x86_64-linux-gnu-g++',
  'genrb',
  'rpmbuild',
  'rpm2cpio',
  'cpio',
] as const

/** Set by setup.ts: a folder with the packages of each processor, built for this run alone. */
export const SHARED_FOLDER = 'WATTLEDGER_TEST_PACKAGES'

/** Arguments of Node that build as a person would, but compress little: a test's time is worth more than its disk. */
export function buildArguments({ name }: Architecture, out: string): readonly string[] {
  return [SCRIPT, '--arch', name, '--out', out, '--compression', '0']
}

export function buildPackages(architecture: Architecture, out: string): Packages {
  execFileSync(process.execPath, buildArguments(architecture, out), { stdio: ['ignore', 'ignore', 'inherit'] })
  return packagesIn(out)
}

/** Those that this run of the tests has built, or, for a file that is run by itself, built now in a folder of its own. */
export function builtPackages(architecture: Architecture, folder: string): Packages {
  const shared = process.env[SHARED_FOLDER]
  if (shared !== undefined) return packagesIn(join(shared, architecture.name))
  return buildPackages(architecture, join(folder, 'built', architecture.name))
}

function packagesIn(folder: string): Packages {
  const one = (pattern: string) => join(folder, globSync(pattern, { cwd: folder })[0] ?? `no ${pattern}`)
  return { deb: one('*.deb'), rpm: one('*.rpm'), tarball: one('*.tar.xz') }
}

/** Unpacks a package into an empty folder. */
export function unpack(file: string, into: string): string {
  mkdirSync(into, { recursive: true })
  if (file.endsWith('.deb')) execFileSync('dpkg-deb', ['-x', file, into])
  else if (file.endsWith('.rpm')) {
    execFileSync('sh', ['-c', 'rpm2cpio "$1" | cpio -id --quiet', 'sh', file], { cwd: into })
  } else execFileSync('tar', ['-xJf', file, '-C', into, '--strip-components=1'])
  return into
}

/** Skips a test where a program is missing; in CI, which installs them all, that is a failure. */
export function skipWithout(context: TestContext, ...programs: readonly string[]): boolean {
  const missing = programs.filter((program) => !isInstalled(program))
  if (missing.length === 0) return false
  if (process.env.CI === 'true') throw new Error(`not installed: ${missing.join(', ')}`)
  context.skip(`not installed: ${missing.join(', ')}`)
  return true
}

export function isInstalled(program: string): boolean {
  return spawnSync('which', [program]).status === 0
}
