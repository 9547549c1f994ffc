import { join } from 'node:path'
import { namesIn, textOf } from './files.ts'

/** A die, and the one of its CPUs through which it is read. */
export interface Die {
  readonly packageId: number
  readonly dieId: number
  readonly cpu: number
  /** How many of the given CPUs lie in it. */
  readonly listed: number
}

/** More CPUs than any kernel is built for (CONFIG_NR_CPUS is at most 8192): a longer list is not one. */
const MOST_CPUS = 65_536

const CPUS = 'devices/system/cpu'

/** Parses a CPU list such as `0-3,8` (bitmap_print_to_pagebuf, lib/bitmap.c); undefined when it is none. */
export function parseCpuList(text: string): readonly number[] | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return []
  const cpus = new Set<number>()
  for (const range of trimmed.split(',')) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range)
    if (!match) return undefined
    const first = Number(match[1])
    const last = Number(match[2] ?? match[1])
    if (last < first || last >= MOST_CPUS) return undefined
    for (let cpu = first; cpu <= last; cpu += 1) cpus.add(cpu)
  }
  return [...cpus].sort((a, b) => a - b)
}

/** CPUs that take work; none when the kernel does not say. */
export function onlineCpus(sysfs: string): readonly number[] {
  return parseCpuList(textOf(join(sysfs, CPUS, 'online')) ?? '') ?? []
}

/** Processor packages with a CPU online; one where the kernel does not tell them apart (-1 on some ARM machines). */
export function socketsOf(sysfs: string): readonly number[] {
  const cpus = namesIn(join(sysfs, CPUS)).filter((name) => /^cpu\d+$/.test(name))
  const ids = cpus.map((cpu) => packageIdOf(sysfs, cpu)).filter((id) => id !== null)
  return ids.length === 0 ? [0] : [...new Set(ids)].sort((a, b) => a - b)
}

/** Groups CPUs by die. One that went offline meanwhile has no topology and is left out. */
export function findDies(sysfs: string, cpus: readonly number[]): readonly Die[] {
  const left = new Set(cpus)
  const dies = new Map<string, Die>()
  for (const cpu of left) {
    const packageId = packageIdOf(sysfs, `cpu${cpu}`)
    if (packageId === null) continue
    const dieId = numberIn(sysfs, `cpu${cpu}`, 'die_id') ?? 0
    // Neighbours are looked up once per die, not once per CPU: the list may name every CPU of the machine.
    const neighbours = parseCpuList(attribute(sysfs, `cpu${cpu}`, 'die_cpus_list')) ?? []
    const others = neighbours.filter((other) => other !== cpu && left.delete(other)).length
    const key = `${packageId} ${dieId}`
    const known = dies.get(key)
    dies.set(key, { packageId, dieId, cpu: known?.cpu ?? cpu, listed: (known?.listed ?? 0) + 1 + others })
  }
  return [...dies.values()].sort((a, b) => a.packageId - b.packageId || a.dieId - b.dieId)
}

function packageIdOf(sysfs: string, cpu: string): number | null {
  return numberIn(sysfs, cpu, 'physical_package_id')
}

function numberIn(sysfs: string, cpu: string, name: string): number | null {
  const text = attribute(sysfs, cpu, name)
  return /^\d{1,9}$/.test(text) ? Number(text) : null
}

function attribute(sysfs: string, cpu: string, name: string): string {
  return textOf(join(sysfs, CPUS, cpu, 'topology', name)) ?? ''
}
