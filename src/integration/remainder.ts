import { HOST_OVERHEAD_PPM } from '../model/host-power.ts'

const PPM = 1_000_000n

/** k = 1: the rectangular range 0.2 to 0.6 at the socket, on the DC side, of the overhead. */
export const OVERHEAD_UNCERTAINTY = (((0.6 - 0.2) / 2 / Math.sqrt(3)) * 0.92) / 0.2236

/** k = 1: 0.19 W/GB idle to 0.54 W/GB busy (Boavizta, HotCarbon 2024), rectangular, of 0.284. */
export const MEMORY_UNCERTAINTY = (0.54 - 0.19) / 2 / Math.sqrt(3) / 0.284

/** What fans, disks, board and regulators draw beside processors and memory that draw `hostUj` in the same time, in µJ. */
export function overheadUj(hostUj: bigint): bigint {
  return (hostUj * HOST_OVERHEAD_PPM) / PPM
}
