import type { Refreshed } from '../../io/refresher.ts'
import type { Intensity, IntensityBasis } from '../../model/carbon.ts'
import type { Stretch } from '../time/time-series.ts'

/** The intensity that a source states for a time, and until when it holds: later than the time, at most Infinity. */
export interface Coverage {
  /** Null: the source does not cover the time. */
  readonly intensity: Intensity | null
  readonly untilUnixMs: number
}

/** States carbon intensities from memory. */
export interface IntensitySource {
  /** The value of `source` in the configuration. */
  readonly name: string
  readonly basis: IntensityBasis
  /** Never waits, never throws. */
  cover(unixMs: number): Coverage
  /** The shortest interval between its figures, in milliseconds; null while it is not known. */
  readonly resolutionMs: number | null
  /** Why there is nothing newer, for people; null when all is well. */
  readonly problem: string | null
  /** Grows whenever new data may have changed what `cover` says of any time. */
  readonly revision: number
  /** The time for which `cover` may have changed since an earlier revision; left out by sources that cannot tell. */
  changedSince?(revision: number): Stretch
}

/** A source that looks for its data again and again. */
export type RefreshedSource = IntensitySource & Refreshed

export function isRefreshed(source: IntensitySource): source is RefreshedSource {
  return 'refresh' in source
}

/** Above every power plant: the worst lignite plant emits about 1,500 g per kilowatt hour. */
export const MAX_G_PER_KWH = 2_000

/** Names of zones in files. */
export const ZONE_NAME = /^[^\s"\p{Cc}][^"\p{Cc}]{0,62}$/u

/** Whole mg/kWh; null for a number that cannot be an intensity. */
export function mgPerKwhOf(gPerKwh: number): bigint | null {
  return gPerKwh >= 0 && gPerKwh <= MAX_G_PER_KWH ? BigInt(Math.round(gPerKwh * 1e3)) : null
}
