/** The guest's kernel. Debian: linux-headers-amd64 (which also says which kernel) apt cpio kmod busybox-static. */
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** What the root disk takes; what hangs on these comes by itself. */
const TO_MOUNT_ROOT = ['virtio_pci', 'virtio_blk', 'ext4', 'crc32c_generic']
/** And what the guest has besides: nothing else is looked for at its boot. */
const IN_ROOT = ['ipmi_si', 'ipmi_devintf', 'virtio_net', 'virtio_console', '9p', '9pnet_virtio']

/** The newest kernel of which the headers are installed, as in 6.1.0-56-amd64. The cloud's kernels have no IPMI. */
export function kernelRelease(): string {
  const folders = globSync('/usr/src/linux-headers-*-amd64').filter((path) => !/cloud|rt/.test(path))
  const newest = folders.sort(new Intl.Collator('en', { numeric: true }).compare).at(-1)
  if (newest === undefined) throw new Error('no headers of a kernel: apt-get install linux-headers-amd64')
  return basename(newest).replace('linux-headers-', '')
}

/** Puts a kernel and an initramfs into `out`, and the modules that the guest may load below `root`. */
export function installKernel(release: string, work: string, root: string, out: string): void {
  const tree = join(work, 'kernel')
  execFileSync('apt-get', ['download', '-qq', '-o', 'APT::Sandbox::User=root', `linux-image-${release}`], { cwd: work })
  execFileSync('dpkg-deb', ['-x', globSync('linux-image-*.deb', { cwd: work })[0] ?? '', tree], { cwd: work })
  cpSync(join(tree, 'boot', `vmlinuz-${release}`), join(out, 'kernel'))
  const folder = `lib/modules/${release}`
  execFileSync('depmod', ['-b', tree, release])
  const dependencies = readFileSync(join(tree, folder, 'modules.dep'), 'utf8')
  const mounting = inOrder(dependencies, TO_MOUNT_ROOT)
  for (const path of [...mounting, ...inOrder(dependencies, IN_ROOT)]) {
    cpSync(join(tree, folder, path), join(root, 'usr', folder, path))
  }
  for (const list of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo']) {
    cpSync(join(tree, folder, list), join(root, 'usr', folder, list))
  }
  execFileSync('depmod', ['-b', root, release])
  packInitramfs(
    mounting.map((path) => join(tree, folder, path)),
    join(work, 'initramfs'),
    join(out, 'initramfs'),
  )
}

/** Paths of modules and of all that they depend on, each after what it depends on. */
function inOrder(dependencies: string, names: readonly string[]): readonly string[] {
  const lines = dependencies.split('\n').map((line) => line.split(/:? /))
  const paths = names.flatMap((name) => {
    const line = lines.find(([path = '']) => basename(path).replace(/\.ko:?$/, '') === name)
    if (line === undefined) throw new Error(`the kernel has no module ${name}`)
    return line
      .filter((path) => path !== '')
      .map((path) => path.replace(/:$/, ''))
      .reverse()
  })
  return [...new Set(paths)]
}

function packInitramfs(modules: readonly string[], tree: string, file: string): void {
  for (const path of ['bin', 'dev', 'proc', 'root', 'modules']) mkdirSync(join(tree, path), { recursive: true })
  cpSync('/bin/busybox', join(tree, 'bin/busybox'))
  cpSync(join(import.meta.dirname, 'guest/init'), join(tree, 'init'))
  chmodSync(join(tree, 'init'), 0o755)
  for (const path of modules) cpSync(path, join(tree, 'modules', basename(path)))
  writeFileSync(join(tree, 'modules/order'), modules.map((path) => `/modules/${basename(path)}\n`).join(''))
  execFileSync('sh', ['-c', 'find . | cpio --quiet -o -H newc > "$1"', 'sh', file], { cwd: tree })
}
