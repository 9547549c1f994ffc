import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readBounded } from '../io/bounded-file.ts'
import type { CgroupTree } from '../native/addon.ts'

export interface CgroupRoots {
  readonly procfs: string
  readonly cgroupfs: string
}

/** Where this machine keeps its control groups. */
export interface CgroupLayout {
  /** `hybrid`: the controllers are v1's, and a tree of v2 without controllers stands beside them. */
  readonly shape: 'v1' | 'v2' | 'hybrid'
  readonly trees: readonly CgroupTree[]
  /** /proc/stat */
  readonly stat: string
}

interface Mount {
  readonly point: string
  /** What of the hierarchy is mounted: `/` for all that this process may see. */
  readonly root: string
  readonly version: 1 | 2
  readonly controllers: readonly string[]
}

const CONTROLLERS = ['cpuacct', 'memory', 'cpu', 'cpuset']
const USUAL_CGROUPFS = '/sys/fs/cgroup'
/** A host with ten thousand containers has some megabytes of mounts. */
const MOST_BYTES = 1 << 24

/**
 * By the mounts that the kernel lists (proc_pid_mountinfo(5)); null when there are no control groups. Where both versions
 * count CPU time, v1's cpuacct is walked, since its containers are in no other; the tree of v2 is where systemd has its
 * services in that one alone.
 */
export function cgroupLayout({ procfs, cgroupfs }: CgroupRoots): CgroupLayout | null {
  const mounts = mountsOf(procfs, cgroupfs)
  const unified = mounts.find(({ version }) => version === 2)
  const controller = (name: string) => mounts.find(({ controllers }) => controllers.includes(name))
  const acct = controller('cpuacct')
  const usage = acct && unified && hasServices(unified) && !hasServices(acct) ? unified : (acct ?? unified)
  if (!usage) return null
  const trees: CgroupTree[] = [{ of: 'usage', root: usage.point, version: usage.version }]
  for (const quantity of ['memory', 'cpu', 'cpuset'] as const) {
    const mount = controller(quantity) ?? unified
    if (mount) trees.push({ of: quantity, root: mount.point, version: mount.version })
  }
  const hasV1 = mounts.some(({ controllers }) => controllers.length > 0)
  const shape = !unified ? 'v1' : hasV1 ? 'hybrid' : 'v2'
  return { shape, trees, stat: join(procfs, 'stat') }
}

function hasServices({ point }: Mount): boolean {
  return existsSync(join(point, 'system.slice'))
}

function mountsOf(procfs: string, cgroupfs: string): Mount[] {
  const mounts = mountInfo(procfs)
    .split('\n')
    .flatMap((line) => mountOf(line, cgroupfs))
    // A part of a hierarchy that is mounted for a container comes after the whole.
    .sort((a, b) => Number(b.root === '/') - Number(a.root === '/'))
  if (mounts.length > 0) return mounts
  // The kernel's list may be of a namespace that sees no control groups, though their files are bound in here.
  const isUnified = existsSync(join(cgroupfs, 'cgroup.controllers'))
  return isUnified ? [{ point: cgroupfs, root: '/', version: 2, controllers: [] }] : []
}

/** Of this process, or of the first one where `procfs` is that of another namespace. */
function mountInfo(procfs: string): string {
  for (const process of ['self', '1']) {
    try {
      return readBounded(join(procfs, process, 'mountinfo'), MOST_BYTES).bytes.toString('utf8')
    } catch {}
  }
  return ''
}

/** `31 23 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu`; none for a line of another filesystem. */
function mountOf(line: string, cgroupfs: string): Mount[] {
  const [before = '', after = ''] = line.split(' - ', 2)
  const [, , , root = '', point = ''] = before.split(' ')
  const [type, , options = ''] = after.split(' ')
  if (type !== 'cgroup' && type !== 'cgroup2') return []
  const controllers = type === 'cgroup' ? options.split(',').filter((name) => CONTROLLERS.includes(name)) : []
  return [{ point: moved(unescaped(point), cgroupfs), root, version: type === 'cgroup2' ? 2 : 1, controllers }]
}

/** Where a mount is seen that the kernel lists below the usual place. */
function moved(point: string, cgroupfs: string): string {
  const isBelow = point === USUAL_CGROUPFS || point.startsWith(`${USUAL_CGROUPFS}/`)
  return isBelow ? join(cgroupfs, point.slice(USUAL_CGROUPFS.length)) : point
}

/** The kernel writes space, tab, newline and backslash as octal numbers. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
