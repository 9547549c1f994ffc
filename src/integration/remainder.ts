import { NS_PER_S } from '../model/units.ts'

/**
 * What a sum of components leaves out: fans, disks, board, network and the losses of power supplies and regulators.
 * Processors and memory: 33 % on top, 20 to 60 % being plausible (Boavizta API 2.4.1, server power model). Accelerators
 * bring their own cooling share in the chassis; only the supply's loss is added: 8 %, the loss at the 20 % load point of an
 * 80 PLUS Platinum supply being 10 % and at 50 % being 6 %.
 */
const HOST_SHARE_PPM = 330_000n
const ACCELERATOR_SHARE_PPM = 80_000n
const PPM = 1_000_000n

/** Memory without a meter: 0.284 W per GB (Boavizta API 2.4.1). */
const MEMORY_UW_PER_GB = 284_000n

/** k = 1: the rectangular range 0.2 to 0.6 around 0.33, and the spread of supplies for accelerators. */
export const REMAINDER_RELATIVE_UNCERTAINTY = (0.6 - 0.2) / (2 * Math.sqrt(3)) / 0.33

export interface MeteredParts {
  readonly packageUj: bigint
  /** Null when no channel meters the memory. */
  readonly dramUj: bigint | null
  readonly gpuUj: bigint
}

/** Modelled energy of all that is not metered, in µJ, for `durationNs` of a machine with `memoryGb` of memory. */
export function remainderUj(parts: MeteredParts, memoryGb: number, durationNs: bigint): bigint {
  const memoryUj = parts.dramUj ?? (BigInt(Math.round(memoryGb)) * MEMORY_UW_PER_GB * durationNs) / NS_PER_S
  const unmeteredMemoryUj = parts.dramUj === null ? memoryUj : 0n
  const hostUj = ((parts.packageUj + memoryUj) * HOST_SHARE_PPM) / PPM
  return unmeteredMemoryUj + hostUj + (parts.gpuUj * ACCELERATOR_SHARE_PPM) / PPM
}
