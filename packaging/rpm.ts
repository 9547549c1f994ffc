import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Architecture } from './architecture.ts'
import { rpmChangelog } from './legal.ts'
import { REPOSITORY, type Release } from './release.ts'

/** @returns the package's path */
export function buildRpm(tree: string, { rpm }: Architecture, release: Release, work: string, out: string): string {
  const top = join(work, 'rpm')
  const changelog = join(work, 'rpm-changelog')
  writeFileSync(changelog, rpmChangelog(release).replaceAll('%', '%%'))
  const macros = {
    _topdir: top,
    _tmppath: join(top, 'tmp'),
    _buildhost: 'reproducible',
    _binary_payload: `w${release.compression}.xzdio`,
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
    tree,
    license_file: join(REPOSITORY, 'LICENSE'),
    changelog_file: changelog,
    package_version: release.version,
    package_summary: release.summary,
    package_license: release.license,
    package_maintainer: release.maintainer,
  }
  const defines = Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`])
  const spec = join(import.meta.dirname, 'rpm/wattledger.spec')
  execFileSync('rpmbuild', ['-bb', '--quiet', '--target', `${rpm}-linux`, ...defines, spec], {
    env: { ...process.env, SOURCE_DATE_EPOCH: `${release.epochS}` },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [built] = globSync('RPMS/*/*.rpm', { cwd: top })
  if (built === undefined) throw new Error('rpmbuild made no package')
  const file = join(out, basename(built))
  copyFileSync(join(top, built), file)
  return file
}
