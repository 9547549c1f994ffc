import type { Factor } from '../../model/carbon.ts'
import { HOUR_MS } from '../../model/time.ts'

/** A stretch of time inside one UTC hour that has one figure. */
export interface Slot {
  readonly startUnixMs: number
  readonly endUnixMs: number
}

/**
 * The slot of a moment: as long as the figure holds, but within the hour, so that hours add up. While a better figure
 * is expected, slots are no longer than `grainMs`, in which it will come.
 */
export function slotAt(unixMs: number, factor: Pick<Factor, 'startsUnixMs' | 'endsUnixMs'>, grainMs: number): Slot {
  const hour = Math.floor(unixMs / HOUR_MS) * HOUR_MS
  const lengthMs = Math.min(grainMs, HOUR_MS)
  const start = hour + Math.floor((unixMs - hour) / lengthMs) * lengthMs
  // The last part of an hour is shorter where the grain does not divide it.
  const end = Math.min(start + lengthMs, hour + HOUR_MS)
  const { startsUnixMs } = factor
  const ends = factor.endsUnixMs ?? Number.POSITIVE_INFINITY
  // A figure may hold outside its own time: a yearly average counts for other years too.
  return {
    startUnixMs: startsUnixMs > start && startsUnixMs <= unixMs ? startsUnixMs : start,
    endUnixMs: ends > unixMs ? Math.min(end, ends) : end,
  }
}
