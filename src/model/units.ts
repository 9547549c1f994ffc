/** Units. Energy is whole microjoules, power whole microwatts, monotonic time whole nanoseconds, all `bigint`. */

export const NS_PER_MS = 1_000_000n
export const NS_PER_S = 1_000_000_000n
export const UJ_PER_J = 1_000_000n
/** 1 kWh = 3.6 MJ. */
export const UJ_PER_KWH = 3_600_000_000_000n

/** Rounds `microjoules / nanoseconds` to whole µW; 0 for an empty interval. */
export function meanPowerUw(energyUj: bigint, durationNs: bigint): bigint {
  return durationNs > 0n ? (energyUj * NS_PER_S + durationNs / 2n) / durationNs : 0n
}

/** Watts as a floating-point number, for display and gauges only. */
export function wattsOf(powerUw: bigint): number {
  return Number(powerUw) / 1e6
}
