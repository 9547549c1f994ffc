import type { Intensity, IntensityBasis } from '../../model/carbon.ts'
import type { Stretch } from '../time/time-series.ts'
import type { Refreshed } from './refresher.ts'

/** What a source states at a time, and until when it states that. `untilUnixMs` is later than the time, at most Infinity. */
export interface Coverage {
  /** Null: the source does not cover the time. */
  readonly intensity: Intensity | null
  readonly untilUnixMs: number
}

/** States carbon intensities from memory. Adding one takes a file here, a line in location.ts and its keys in the schema. */
export interface IntensitySource {
  /** The value of `source` in the configuration. */
  readonly name: string
  readonly basis: IntensityBasis
  /** Never waits, never throws. */
  cover(unixMs: number): Coverage
  /** The shortest interval that it states, in milliseconds; null while that is not known. */
  readonly resolutionMs: number | null
  /** Why there is nothing newer, for people; null when all is well. */
  readonly problem: string | null
  /** Grows whenever new data may have changed what `cover` says of any time. */
  readonly revision: number
  /** The time that has been touched since an earlier revision; left out where all of it may have been. */
  changedSince?(revision: number): Stretch
}

/** A source that has to look for its data. */
export type RefreshedSource = IntensitySource & Refreshed

export function isRefreshed(source: IntensitySource): source is RefreshedSource {
  return 'refresh' in source
}

/** No electricity is dirtier: a kilowatt hour from the worst lignite plant is about 1,500 g. */
export const MAX_G_PER_KWH = 2_000

/** How a file may call a zone. */
export const ZONE_NAME = /^[^\s"\p{Cc}][^"\p{Cc}]{0,62}$/u

/** Whole mg/kWh; null for what cannot be an intensity. */
export function mgPerKwhOf(gPerKwh: number): bigint | null {
  return gPerKwh >= 0 && gPerKwh <= MAX_G_PER_KWH ? BigInt(Math.round(gPerKwh * 1e3)) : null
}
