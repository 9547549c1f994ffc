import type { FigureStatus, Intensity } from '../../model/carbon.ts'
import { HOUR_MS } from '../../model/time.ts'

/** How good an intensity is: a class from 1 to 5, and a relative standard uncertainty (k = 1). */
export type IntensityQuality = Pick<Intensity, 'dataQuality' | 'relativeUncertainty'>

/*
 * The mapping of sources to classes, after the scale of the Partnership for Carbon Accounting Financials, and the origin
 * of each uncertainty. All are errors common to every interval of a source: they add up linearly over time.
 */

/** Hourly figures of an operator or of flow tracing are good to 5 to 10 %: 5 where they are measured and final. */
export const MEASURED_HOUR: IntensityQuality = { dataQuality: 1, relativeUncertainty: 0.05 }

/** The upper end of the same range: forecast, estimated or preliminary. */
export const ESTIMATED_HOUR: IntensityQuality = { dataQuality: 2, relativeUncertainty: 0.1 }

/**
 * Generation by fuel is metered, the factor of a fuel is a median of many plants. Of gas, which decides most mixes, the
 * IPCC's life-cycle range is 410 to 650 g/kWh about 490 (AR5, working group III, table A.III.2): rectangular,
 * 0.245 / √3 = 0.14, with 0.05 for what is metered in quadrature.
 */
export const GENERATION_MIX: IntensityQuality = { dataQuality: 2, relativeUncertainty: 0.15 }

/**
 * A yearly average counted for an hour is off by as much as 30 % over a year (Miller, Novan & Jenn, Environmental
 * Research Letters 17, 2022, 044073): rectangular, 0.30 / √3.
 */
const AVERAGE_FOR_HOUR = 0.17

/** The newest figure, held for the hours after its own, is as good as an average. */
export const HELD_HOUR: IntensityQuality = { dataQuality: 2, relativeUncertainty: AVERAGE_FOR_HOUR }

/** A figure that the operator states for the site over longer than an hour. However exact, it misses the hours. */
export const SITE_AVERAGE: IntensityQuality = { dataQuality: 3, relativeUncertainty: AVERAGE_FOR_HOUR }

export const COUNTRY_AVERAGE: IntensityQuality = { dataQuality: 4, relativeUncertainty: AVERAGE_FOR_HOUR }

/**
 * The world's average, or that of a region of many grids, where the country is not said: the root mean square distance
 * of the countries' averages from the world's is 0.52 of it (Ember, 208 countries), with that of an average for an hour
 * in quadrature.
 */
export const WORLD_AVERAGE: IntensityQuality = { dataQuality: 5, relativeUncertainty: 0.55 }

/** The quality of a figure by the hour or finer. */
export function qualityOfHour(status: FigureStatus): IntensityQuality {
  return status === 'final' ? MEASURED_HOUR : ESTIMATED_HOUR
}

/** The quality of a figure in the operator's file, where a line may span an hour or a year. */
export function qualityOfLength(lengthMs: number): IntensityQuality {
  return lengthMs <= HOUR_MS ? MEASURED_HOUR : SITE_AVERAGE
}
