/**
 * The clocks of the machine. Arithmetic uses `monotonicNs` alone; wall time only labels its results.
 * Linux: CLOCK_MONOTONIC stops during suspend, CLOCK_BOOTTIME does not (clock_gettime(2)).
 */
export interface Clock {
  monotonicNs(): bigint
  boottimeNs(): bigint
  unixMs(): number
}
