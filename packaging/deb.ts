import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Architecture } from './architecture.ts'
import { copyrightFile, debianChangelog } from './legal.ts'
import type { Release } from './release.ts'
import { settleTree, write, zipped } from './tree.ts'

/** What the binaries ask for, which a test compares: Debian 12, Ubuntu 22.04 and RHEL 9 have it. */
const LIBRARIES = 'libc6 (>= 2.34), libstdc++6 (>= 11), libgcc-s1'
const SYSUSERS = 'systemd | systemd-standalone-sysusers | systemd-sysusers'
const SCRIPTS = join(import.meta.dirname, 'debian')

/** @returns the package's path */
export function buildDeb(
  tree: string,
  architecture: Architecture,
  release: Release,
  work: string,
  out: string,
): string {
  const root = join(work, 'deb')
  execFileSync('cp', ['-al', tree, root])
  renameSync(join(root, 'usr/share/zsh/site-functions'), join(root, 'usr/share/zsh/vendor-completions'))
  const doc = 'usr/share/doc/wattledger'
  write(root, `${doc}/copyright`, copyrightFile(join(root, 'usr/lib/wattledger/node_modules'), release))
  write(root, `${doc}/changelog.gz`, zipped(debianChangelog(release)))
  cpSync(join(SCRIPTS, 'lintian-overrides'), join(root, 'usr/share/lintian/overrides/wattledger'))
  settleTree(root, release)
  write(root, 'DEBIAN/control', control(root, architecture, release))
  write(root, 'DEBIAN/conffiles', '/etc/wattledger/wattledger.yaml\n')
  write(root, 'DEBIAN/md5sums', checksums(root))
  for (const script of readdirSync(SCRIPTS).filter((name) => /^(pre|post)/.test(name))) {
    write(root, `DEBIAN/${script}`, readFileSync(join(SCRIPTS, script)))
    chmodSync(join(root, 'DEBIAN', script), 0o755)
  }
  const file = join(out, `${release.name}_${release.version}_${architecture.name}.deb`)
  const level = ['-Zxz', `-z${release.compression}`, '--threads-max=1']
  execFileSync('dpkg-deb', ['--root-owner-group', ...level, '--build', root, file], {
    env: { ...process.env, SOURCE_DATE_EPOCH: `${release.epochS}` },
  })
  return file
}

/** The size is what unpacking takes, as dpkg-gencontrol counts it too: holes are dug afterwards, where there can be any. */
function control(root: string, { name }: Architecture, release: Release): string {
  const kib = execFileSync('du', ['-sk', '--apparent-size', root], { encoding: 'utf8' }).split('\t')[0]
  return `Package: ${release.name}
Version: ${release.version}
Architecture: ${name}
Maintainer: ${release.maintainer}
Installed-Size: ${kib}
Depends: ${LIBRARIES}, ${SYSUSERS}
Suggests: sqlite3
Section: admin
Priority: optional
Description: ${synopsis(release.summary)}
 A daemon that reads the machine's power sensors (RAPL, NVML, IPMI, hwmon),
 integrates them into a ledger in SQLite, turns each interval's energy into
 CO2 equivalents and serves Prometheus.
 .
 Each number says whether it was measured, derived or estimated, how sure it
 is, and what time it does not cover. Counters never run backwards.
`
}

/** Debian's begin in lower case. */
function synopsis(summary: string): string {
  return `${summary.charAt(0).toLowerCase()}${summary.slice(1)}`
}

function checksums(root: string): string {
  const find = 'find etc usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum'
  return execFileSync('sh', ['-c', find], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
}
