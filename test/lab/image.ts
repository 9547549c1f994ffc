/** The guest's image, made once and kept. Debian: mmdebstrap e2fsprogs, and what kernel.ts needs. Takes root. */
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { kept } from './kept.ts'
import { installKernel, kernelRelease } from './kernel.ts'

const SUITE = 'bookworm'
/** Beyond what is essential. The service takes libstdc++6; sqlite3 is whoever reads the ledger. */
const PACKAGES = ['systemd-sysv', 'udev', 'kmod', 'libstdc++6', 'sqlite3', 'busybox-static', 'e2fsprogs']
/** Nobody logs in, nothing is to be tidied up in minutes, and what the guest has no use for costs its boot seconds. */
const MASKED = [
  'systemd-logind.service',
  'systemd-random-seed.service',
  'systemd-pstore.service',
  'systemd-firstboot.service',
  'systemd-sysusers.service',
  'systemd-update-utmp.service',
  'systemd-update-utmp-runlevel.service',
  'systemd-user-sessions.service',
  'systemd-hwdb-update.service',
  'systemd-journal-flush.service',
  'proc-sys-fs-binfmt_misc.automount',
  'dev-hugepages.mount',
  'dev-mqueue.mount',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
  'sys-kernel-config.mount',
  'sys-fs-fuse-connections.mount',
  'modprobe@configfs.service',
  'modprobe@dm_mod.service',
  'modprobe@drm.service',
  'modprobe@efi_pstore.service',
  'modprobe@fuse.service',
  'modprobe@loop.service',
  'getty.target',
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
  'systemd-tmpfiles-clean.timer',
]
const DISK_SIZE = '900M'
const GUEST = join(import.meta.dirname, 'guest')

export interface Image {
  readonly kernel: string
  readonly initramfs: string
  /** A raw disk with one ext4 file system. Copied for each guest, never written. */
  readonly disk: string
}

export async function guestImage(): Promise<Image> {
  const release = kernelRelease()
  const mirrors = configuredMirrors()
  const sources = ['image.ts', 'kernel.ts', 'guest/**'].flatMap((pattern) =>
    globSync(pattern, { cwd: import.meta.dirname, withFileTypes: true }),
  )
  const texts = sources.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
  const inputs = [release, ...mirrors, ...texts.sort().map((path) => readFileSync(path, 'utf8'))]
  const folder = await kept('image', inputs, (out) => makeImage(release, mirrors, out))
  return { kernel: join(folder, 'kernel'), initramfs: join(folder, 'initramfs'), disk: join(folder, 'disk') }
}

/** Lines of sources.list: the very mirrors that this machine takes Debian from. */
function configuredMirrors(): readonly string[] {
  const format = '$(CODENAME) $(ORIGIN) deb $(REPO_URI) $(RELEASE) $(COMPONENT)'
  const targets = execFileSync('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'], {
    encoding: 'utf8',
  })
  const lines = targets.split('\n').flatMap((line) => /^bookworm\S* Debian (deb .*)$/.exec(line)?.[1] ?? [])
  if (lines.length === 0) throw new Error(`apt has no ${SUITE}: the guest is made of its packages`)
  return [...new Set(lines)].sort()
}

function makeImage(release: string, mirrors: readonly string[], out: string): void {
  const work = join(out, 'work')
  const root = join(work, 'root')
  mkdirSync(work)
  execFileSync(
    'mmdebstrap',
    [
      '--mode=root',
      '--variant=essential',
      '--quiet',
      `--include=${PACKAGES.join(',')}`,
      ...['doc', 'man', 'locale'].map((kind) => `--dpkgopt=path-exclude=/usr/share/${kind}/*`),
      SUITE,
      root,
      ...mirrors,
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  cpSync(join(GUEST, 'root'), root, { recursive: true })
  for (const unit of MASKED) symlinkSync('/dev/null', join(root, 'etc/systemd/system', unit))
  for (const path of ['lab', 'var/lib/wattledger']) mkdirSync(join(root, path))
  installKernel(release, work, root, out)
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-d', root, join(out, 'disk'), DISK_SIZE])
  rmSync(work, { recursive: true })
}
