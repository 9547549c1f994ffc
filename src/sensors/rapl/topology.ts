import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Scope } from '../../model/channel.ts'
import type { RaplDomain } from './channel.ts'

/** A die, and the one of its CPUs through which it is read. */
export interface Die {
  readonly packageId: number
  readonly dieId: number
  readonly cpu: number
  /** How many of the given CPUs lie in it. */
  readonly listed: number
}

/** A register of a package or a die, named as the powercap driver names it. */
export interface Counter {
  readonly device: string
  readonly packageId: number
  readonly cpu: number
}

/** More CPUs than any kernel is built for (CONFIG_NR_CPUS is at most 8192): a longer list is not one. */
const MOST_CPUS = 65_536

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

/** Groups CPUs by die. One that went offline meanwhile has no topology and is left out. */
export async function findDies(sysfs: string, cpus: readonly number[]): Promise<readonly Die[]> {
  const left = new Set(cpus)
  const dies = new Map<string, Die>()
  for (const cpu of left) {
    const attribute = async (name: string): Promise<string> =>
      readFile(join(sysfs, `devices/system/cpu/cpu${cpu}/topology`, name), 'utf8').then(
        (text) => text.trim(),
        () => '',
      )
    const packageId = await attribute('physical_package_id')
    if (!/^\d{1,9}$/.test(packageId)) continue
    const die = await attribute('die_id')
    const dieId = /^\d{1,9}$/.test(die) ? Number(die) : 0
    // Neighbours are looked up once per die, not once per CPU: the list may name every CPU of the machine.
    const neighbours = parseCpuList(await attribute('die_cpus_list')) ?? []
    const others = neighbours.filter((other) => other !== cpu && left.delete(other)).length
    const key = `${packageId} ${dieId}`
    const known = dies.get(key)
    dies.set(key, {
      packageId: Number(packageId),
      dieId,
      cpu: known?.cpu ?? cpu,
      listed: (known?.listed ?? 0) + 1 + others,
    })
  }
  return [...dies.values()].sort((a, b) => a.packageId - b.packageId || a.dieId - b.dieId)
}

/** One register per package, or one per die; dies are named only where a package has more than one. */
export function countersOf(dies: readonly Die[], isPerPackage: boolean): readonly Counter[] {
  return dies.flatMap(({ packageId, dieId, cpu }) => {
    const siblings = dies.filter((die) => die.packageId === packageId)
    const device = `package-${packageId}`
    if (siblings.length === 1) return [{ device, packageId, cpu }]
    if (!isPerPackage) return [{ device: `${device}-die-${dieId}`, packageId, cpu }]
    return siblings[0]?.dieId === dieId ? [{ device, packageId, cpu }] : []
  })
}

/** psys is of the package also where the other registers are of a die. */
export function isFirstOfPackage(counter: Counter, counters: readonly Counter[]): boolean {
  return counters.find(({ packageId }) => packageId === counter.packageId) === counter
}

/** The domain of a register under the name that the powercap driver gives it (rapl_init_domains). */
export function raplDomain(scope: Scope, { device, packageId }: Counter): RaplDomain {
  if (scope !== 'psys') return { scope, device }
  return { scope, device: packageId === 0 ? 'psys' : `psys-${packageId}` }
}
