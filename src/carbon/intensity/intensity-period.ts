import type { Intensity } from '../../model/carbon.ts'

/** An intensity whose time has an end. */
export interface IntensityPeriod extends Intensity {
  readonly endsUnixMs: number
}
