import type { Factor } from '../../model/carbon.ts'
import { HOUR_MS } from '../../model/time.ts'
import { UJ_PER_KWH } from '../../model/units.ts'
import type { PueStatement } from '../pue/pue.ts'

const PPM = 1_000_000n
const UG_PER_MG = 1_000n
/** µJ · mg/kWh · ppm in one µg. */
const PRODUCT_PER_UG = (UJ_PER_KWH * PPM) / UG_PER_MG

/** A stretch of time inside one UTC hour that has one figure. */
export interface Slot {
  readonly startUnixMs: number
  readonly endUnixMs: number
}

/**
 * The slot of a moment: as long as the figure holds, but within the hour, so that hours add up. What waits for a better
 * figure is cut by `grainMs` besides, since the better one may come in shorter intervals.
 */
export function slotAt(unixMs: number, factor: Pick<Factor, 'startsUnixMs' | 'endsUnixMs'>, grainMs: number): Slot {
  const hour = Math.floor(unixMs / HOUR_MS) * HOUR_MS
  const lengthMs = Math.min(grainMs, HOUR_MS)
  const start = hour + Math.floor((unixMs - hour) / lengthMs) * lengthMs
  // The last part of an hour is shorter where the grain does not divide it.
  const end = Math.min(start + lengthMs, hour + HOUR_MS)
  const { startsUnixMs } = factor
  const ends = factor.endsUnixMs ?? Number.POSITIVE_INFINITY
  // A yearly average counts for other years too: a figure may hold outside of its own time.
  return {
    startUnixMs: startsUnixMs > start && startsUnixMs <= unixMs ? startsUnixMs : start,
    endUnixMs: ends > unixMs ? Math.min(end, ends) : end,
  }
}

/**
 * Emissions of energy in whole µg. A slot's are those of all its energy at once, rounded down once, so they do not
 * depend on how the energy was divided or in what order it came.
 */
export function emissionsUg(energyUj: bigint, mgPerKwh: bigint, puePpm: PueStatement['puePpm']): bigint {
  return (energyUj * mgPerKwh * puePpm) / PRODUCT_PER_UG
}
