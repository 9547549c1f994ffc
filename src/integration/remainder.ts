import { NS_PER_S } from '../model/units.ts'

/*
 * What a sum of components leaves out on the DC side: fans, disks, board, network and regulators. Boavizta (API 2.4.1,
 * server power model) adds 33 % to processors and memory, 20 to 60 % being plausible, for a figure at the socket. The
 * supply's loss is in it, and is here a part of its own, so it has to come out: with the usual efficiency of 0.92
 * (supply.ts), 1.33 × 0.92 = 1.2236 is the DC side, and 1.2236 / 0.92 the same 1.33 again. Accelerators bring their own
 * share of cooling in the chassis: nothing is added to them but the loss.
 */
const HOST_OVERHEAD_PPM = 223_600n
const PPM = 1_000_000n

/** Memory without a meter: 0.284 W per GB (Boavizta API 2.4.1). */
const MEMORY_UW_PER_GB = 284_000n

/** k = 1: the rectangular range 0.2 to 0.6 at the socket, on the DC side, of the overhead. */
export const OVERHEAD_UNCERTAINTY = (((0.6 - 0.2) / 2 / Math.sqrt(3)) * 0.92) / 0.2236

/** k = 1: 0.19 W/GB idle to 0.54 W/GB busy (Boavizta, HotCarbon 2024), rectangular, of 0.284. */
export const MEMORY_UNCERTAINTY = (0.54 - 0.19) / 2 / Math.sqrt(3) / 0.284

export interface MeteredParts {
  readonly packageUj: bigint
  /** Null when no channel meters the memory. */
  readonly dramUj: bigint | null
}

/** Modelled energy on the DC side, in µJ. */
export interface Unmetered {
  readonly memoryUj: bigint
  readonly overheadUj: bigint
}

/** What is not metered in `durationNs` of a machine with `memoryGb` of memory. */
export function unmetered({ packageUj, dramUj }: MeteredParts, memoryGb: number, durationNs: bigint): Unmetered {
  const memoryUj = dramUj === null ? (BigInt(Math.round(memoryGb)) * MEMORY_UW_PER_GB * durationNs) / NS_PER_S : 0n
  const overheadUj = ((packageUj + (dramUj ?? memoryUj)) * HOST_OVERHEAD_PPM) / PPM
  return { memoryUj, overheadUj }
}
