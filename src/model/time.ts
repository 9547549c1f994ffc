/** Times of the wall clock, in milliseconds. */

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/** The last whole unit at or before a time. */
export function floorTo(unitMs: number, unixMs: number): number {
  return Math.floor(unixMs / unitMs) * unitMs
}
