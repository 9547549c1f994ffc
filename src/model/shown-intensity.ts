import type { Intensity, IntensityBasis } from './carbon.ts'

/** `marginal` is what one kilowatt hour more would emit: it is shown, and no account knows it. */
export type StatedBasis = IntensityBasis | 'marginal'

/** What a scrape says of an intensity. */
export interface ShownIntensity extends Pick<Intensity, 'zone' | 'mgPerKwh' | 'source' | 'startsUnixMs'> {
  readonly basis: StatedBasis
}
