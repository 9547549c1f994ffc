import { join } from 'node:path'
import type { Sliced } from '../io/slices.ts'
import { entriesIn, textOf } from './accelerator-files.ts'

const MOST = 10_000
const PER_SLICE = 64
/** Major number of /dev/nvidia*; from this minor on they are for all GPUs (nvidia-modeset, nvidiactl). */
const NVIDIA_MAJOR = '195'
const FIRST_CONTROL_MINOR = 254n

/** Paths of control groups by the minor numbers of the GPUs that they may open by name. */
export type Permissions = ReadonlyMap<bigint, readonly string[]>

/**
 * By the device controller of cgroup v1 below `root`. A group that may open all GPUs was given none in particular. v2 keeps
 * its rules where nobody reads them.
 */
export function* permittedGroups(root: string): Sliced<Permissions> {
  const found = new Map<bigint, string[]>()
  const waiting = ['']
  for (let seen = 0; seen < MOST; seen++) {
    const path = waiting.pop()
    if (path === undefined) break
    permit(found, path, minorsInList(textOf(join(root, path, 'devices.list'))))
    for (const { name, isFolder } of entriesIn(join(root, path), MOST)) if (isFolder) waiting.push(`${path}/${name}`)
    if (seen % PER_SLICE === PER_SLICE - 1) yield
  }
  return found
}

/** By what systemd was told of the containers that it runs, and of transient services: their units below `root`. */
export function* permittedUnits(root: string): Sliced<Permissions> {
  const found = new Map<bigint, string[]>()
  const units = new Set(entriesIn(root, MOST).map(({ name }) => name.replace(/\.d$/, '')))
  for (const [index, unit] of [...units].entries()) {
    if (!/\.(?:scope|service)$/.test(unit)) continue
    const text = textOf(join(root, unit))
    const minors = minorsInUnit(`${text}\n${textOf(join(root, `${unit}.d`, '50-DeviceAllow.conf'))}`)
    if (minors.length > 0) permit(found, `${slicePath(sliceIn(text))}/${unit}`, minors)
    if (index % PER_SLICE === PER_SLICE - 1) yield
  }
  return found
}

function permit(found: Map<bigint, string[]>, path: string, minors: readonly bigint[]): void {
  for (const minor of minors) found.set(minor, [...(found.get(minor) ?? []), path])
}

/** Minors of GPUs in a devices.list: `c 195:0 rw` for one device; `a *:* rwm` and `c 195:* rw` for more than one. */
export function minorsInList(list: string): readonly bigint[] {
  return minorsOf(
    list.split('\n').map((line) => {
      const [, type, major = '', minor = '', may = ''] = /^([abc]) (\d+|\*):(\d+|\*) ([rwm]+)$/.exec(line) ?? []
      return { isChar: type === 'c' || type === 'a', major, minor, may }
    }),
  )
}

/** Minors of GPUs in a unit: `DeviceAllow=/dev/char/195:0 rwm`, `/dev/nvidia0`, `char-195`; an empty one forgets those before. */
export function minorsInUnit(text: string): readonly bigint[] {
  const lines = text.split('\n').flatMap((line) => /^DeviceAllow=(.*)$/.exec(line)?.[1] ?? [])
  return minorsOf(
    lines.slice(lines.lastIndexOf('') + 1).map((rule) => {
      const [path = '', may = 'rwm'] = rule.trim().split(/\s+/)
      const [, major, minor] = /^\/dev\/char\/(\d+):(\d+)$/.exec(path) ?? []
      const gpu = /^\/dev\/nvidia(\d+)$/.exec(path)?.[1]
      if (gpu !== undefined) return { isChar: true, major: NVIDIA_MAJOR, minor: gpu, may }
      if (/^char-(?:\*|195|nvidia.*)$/.test(path)) return { isChar: true, major: NVIDIA_MAJOR, minor: '*', may }
      return { isChar: true, major: major ?? '', minor: minor ?? '', may }
    }),
  )
}

interface Rule {
  readonly isChar: boolean
  readonly major: string
  readonly minor: string
  readonly may: string
}

function minorsOf(rules: readonly Rule[]): readonly bigint[] {
  const nvidia = rules.filter(
    // Nodes may be made by every container; that opens none.
    ({ isChar, major, may }) => isChar && (major === NVIDIA_MAJOR || major === '*') && /[rw]/.test(may),
  )
  if (nvidia.some(({ major, minor }) => major === '*' || minor === '*')) return []
  const minors = nvidia.map(({ minor }) => BigInt(minor)).filter((minor) => minor < FIRST_CONTROL_MINOR)
  return [...new Set(minors)]
}

function sliceIn(unit: string): string {
  return /^Slice=(.+)$/m.exec(unit)?.[1] ?? 'system.slice'
}

/** `a-b.slice` is inside `a.slice` (systemd.slice(5)). */
function slicePath(slice: string): string {
  const names = slice.replace(/\.slice$/, '').split('-')
  return names.map((_, index) => `/${names.slice(0, index + 1).join('-')}.slice`).join('')
}
