import { opendirSync } from 'node:fs'
import { join } from 'node:path'
import { readBounded } from '../io/bounded-file.ts'
import type { Sliced } from '../io/slices.ts'

const MOST_BYTES = 1 << 16
const MOST_GROUPS = 10_000
const GROUPS_PER_SLICE = 64
/** Major number of /dev/nvidia*; from this minor on they are for all GPUs (nvidia-modeset, nvidiactl). */
const NVIDIA_MAJOR = '195'
const FIRST_CONTROL_MINOR = 254

/**
 * Paths of groups that may open single GPUs by name, by the GPUs' minor numbers: the device controller of cgroup v1 below
 * `root`. A group that may open all, or all of NVIDIA's, was given none in particular. v2 keeps its rules where nobody reads them.
 */
export function* permittedGroups(root: string): Sliced<ReadonlyMap<bigint, readonly string[]>> {
  const found = new Map<bigint, string[]>()
  const waiting = ['']
  for (let seen = 0; seen < MOST_GROUPS; seen++) {
    const path = waiting.pop()
    if (path === undefined) break
    for (const minor of minorsIn(textOf(join(root, path, 'devices.list')))) {
      found.set(minor, [...(found.get(minor) ?? []), path])
    }
    for (const name of foldersIn(join(root, path))) waiting.push(`${path}/${name}`)
    if (seen % GROUPS_PER_SLICE === GROUPS_PER_SLICE - 1) yield
  }
  return found
}

/** `c 195:0 rw` for one device; `a *:* rwm` and `c 195:* rw` for more than one. */
export function minorsIn(list: string): readonly bigint[] {
  const minors: bigint[] = []
  for (const line of list.split('\n')) {
    const [, type, major, minor] = /^([abc]) (\d+|\*):(\d+|\*) [rwm]+$/.exec(line) ?? []
    if (type === 'a') return []
    if (type !== 'c' || (major !== NVIDIA_MAJOR && major !== '*')) continue
    if (major === '*' || minor === '*') {
      // `c *:* m` lets nodes be made, as every container may, and none be opened.
      if (/ m$/.test(line)) continue
      return []
    }
    if (Number(minor) < FIRST_CONTROL_MINOR) minors.push(BigInt(minor ?? 0))
  }
  return minors
}

function textOf(path: string): string {
  try {
    return readBounded(path, MOST_BYTES).bytes.toString('utf8')
  } catch {
    return ''
  }
}

function foldersIn(path: string): readonly string[] {
  const names: string[] = []
  try {
    const folder = opendirSync(path)
    try {
      for (let entry = folder.readSync(); entry !== null && names.length < MOST_GROUPS; entry = folder.readSync()) {
        if (entry.isDirectory()) names.push(entry.name)
      }
    } finally {
      folder.closeSync()
    }
  } catch {}
  return names
}
