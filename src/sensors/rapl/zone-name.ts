import type { RaplDomain } from './channel.ts'

/** Largest value of an energy status register: bits 31:0 (Intel SDM volume 4, MSR_PKG_ENERGY_STATUS). */
const MOST_COUNTS = 2n ** 32n - 1n

/** A directory of /sys/class/powercap that is a RAPL zone: `intel-rapl:0:1`, `intel-rapl-mmio:0`. */
export interface ZoneDirectory {
  readonly directory: string
  /** The part before the first colon. AMD, Hygon and TPMI machines have `intel-rapl` too. */
  readonly controlType: 'intel-rapl' | 'intel-rapl-mmio'
  /** Allocation numbers, outermost first. They name no socket. */
  readonly indices: readonly number[]
  /** The zone it lies in; undefined for a top-level one. */
  readonly parent: string | undefined
}

/**
 * Undefined for what is no RAPL zone: control types themselves, `dtpm`, `idle_inject`, and `arm-scmi`, whose zones carry
 * power but no energy counter (drivers/powercap/arm_scmi_powercap.c sets no get_energy_uj).
 */
export function parseZoneDirectory(directory: string): ZoneDirectory | undefined {
  const match = /^(intel-rapl(?:-mmio)?)((?::\d{1,6}){1,4})$/.exec(directory)
  if (!match) return undefined
  const indices = (match[2] ?? '').slice(1).split(':').map(Number)
  return {
    directory,
    controlType: match[1] as ZoneDirectory['controlType'],
    indices,
    parent: indices.length > 1 ? directory.slice(0, directory.lastIndexOf(':')) : undefined,
  }
}

/** MSR zones before their MMIO twins, then by number, so that of two equal ones the first is kept. */
export function compareZones(a: ZoneDirectory, b: ZoneDirectory): number {
  if (a.controlType !== b.controlType) return a.controlType === 'intel-rapl' ? -1 : 1
  const depth = Math.max(a.indices.length, b.indices.length)
  for (let level = 0; level < depth; level += 1) {
    const difference = (a.indices[level] ?? -1) - (b.indices[level] ?? -1)
    if (difference !== 0) return difference
  }
  return 0
}

/**
 * What a zone covers, by its `name` file (rapl_init_domains and rapl_package_register_powercap in
 * drivers/powercap/intel_rapl_common.c); undefined when the text is no name. A domain that this program does not know
 * is scope `other`.
 * @param parent device of the zone in which a sub-zone lies
 * @param isAmd AMD's energy register is of the package: Linux 6.9 to 6.11 show it once per die
 */
export function parseZoneName(name: string, parent: string | undefined, isAmd: boolean): RaplDomain | undefined {
  const inPackage = /^(package-\d{1,9})(-die-\d{1,9})?$/.exec(name)
  if (inPackage) return { scope: 'package', device: isAmd && inPackage[1] ? inPackage[1] : name }
  if (/^psys(-\d{1,9})?$/.test(name)) return { scope: 'psys', device: name }
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/.test(name)) return undefined
  if (parent !== undefined && (name === 'core' || name === 'uncore' || name === 'dram')) {
    return { scope: name, device: parent }
  }
  return { scope: 'other', device: parent === undefined ? name : `${parent}/${name}` }
}

/**
 * The number of states of a zone's counter in µJ, from `max_energy_range_uj`; undefined when the text is no range.
 *
 * The file says floor((2^32 - 1) * unit): the largest value, not the number of values. The register has 2^32 states, so
 * that the modulus is range * 2^32 / (2^32 - 1), to 1 µJ. `range + 1`, as often read, loses a whole unit at each wrap:
 * 61 µJ on most machines, 1 J on the psys of Intel's servers.
 */
export function parseEnergyRange(text: string): bigint | undefined {
  const trimmed = text.trim()
  if (!/^\d{1,19}$/.test(trimmed)) return undefined
  const rangeUj = BigInt(trimmed)
  // The driver keeps the unit in whole nJ, and none is above 1 kJ: anything else is no range of 32 bits.
  if (rangeUj < MOST_COUNTS / 1000n || rangeUj > MOST_COUNTS * 1_000_000_000n) return undefined
  return (rangeUj * (MOST_COUNTS + 1n)) / MOST_COUNTS
}
