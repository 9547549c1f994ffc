import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Architecture } from '../../packaging/architecture.ts'
import { REPOSITORY } from '../../packaging/release.ts'
import { kept } from '../lab/kept.ts'
import { buildPackages, type Packages } from './built.ts'

/** All that enters a package, or decides what does. */
const SOURCES = ['src', 'native', 'packaging', 'scripts', 'systemd', 'config', 'README.md', 'CHANGELOG.md', 'LICENSE']
const MANIFESTS = ['package.json', 'package-lock.json', 'binding.gyp', 'tsconfig.json', 'tsconfig.build.json']

/** The packages of this checkout, built once for each state of its sources and shared by all suites. */
export async function keptPackages(architecture: Architecture): Promise<Packages> {
  const folder = await kept(`packages-${architecture.name}`, sourceState(), (out) => {
    buildPackages(architecture, out)
  })
  const one = (pattern: string) => join(folder, globSync(pattern, { cwd: folder })[0] ?? `no ${pattern}`)
  return { deb: one('*.deb'), rpm: one('*.rpm'), tarball: one('*.tar.xz') }
}

/** Name and hash of each file, committed or not. */
function sourceState(): readonly string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...SOURCES, ...MANIFESTS]
  const files = execFileSync('git', args, { cwd: REPOSITORY, encoding: 'utf8' }).split('\0').filter(Boolean).sort()
  return files.map((file) => {
    const content = readFileSync(join(REPOSITORY, file))
    return `${file} ${createHash('sha256').update(content).digest('hex')}`
  })
}
