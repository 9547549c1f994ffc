import type { Intensity } from '../../model/carbon.ts'
import { type Stretch, TimeSeries } from './time-series.ts'

/** A statement that ends. */
export interface Period extends Intensity {
  readonly endsUnixMs: number
}

/** Intensities over time. */
export class IntensitySeries<P extends Stretch = Period> extends TimeSeries<P> {
  /** What is stated of a time, and until when; of a time without a statement, until when there is none. */
  cover(unixMs: number): { readonly intensity: P | null; readonly untilUnixMs: number } {
    const { period, untilUnixMs } = this.at(unixMs)
    return { intensity: period, untilUnixMs }
  }
}

/** Milliseconds of a statement; null of none. */
export function lengthOf(period: Stretch | null): number | null {
  return period === null ? null : period.endsUnixMs - period.startsUnixMs
}
