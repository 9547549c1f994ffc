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

/** Runs the build as a person would, but compresses little: a test's time is worth more than its disk. */
export function buildPackages({ name }: Architecture, out: string): Packages {
  const args = [SCRIPT, '--arch', name, '--out', out, '--compression', '0']
  execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const one = (pattern: string) => join(out, globSync(pattern, { cwd: out })[0] ?? `no ${pattern}`)
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
  const missing = programs.filter((program) => spawnSync('which', [program]).status !== 0)
  if (missing.length === 0) return false
  if (process.env.CI === 'true') throw new Error(`not installed: ${missing.join(', ')}`)
  context.skip(`not installed: ${missing.join(', ')}`)
  return true
}
