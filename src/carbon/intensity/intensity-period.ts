import type { Intensity } from '../../model/carbon.ts'

/** An intensity of a time that ends. */
export interface IntensityPeriod extends Intensity {
  readonly endsUnixMs: number
}
