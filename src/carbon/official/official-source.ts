import type { Intensity } from '../../model/carbon.ts'
import { COUNTRY_AVERAGE } from '../intensity/intensity-quality.ts'
import type { Coverage, IntensitySource } from '../intensity/source.ts'
import { editionOf, mgPerKwh, type OfficialFigure, sourceOf, zoneOf } from './official.ts'

/** An authority's yearly figure, at any time: each UTC year at that of the newest edition up to it. */
export class OfficialSource implements IntensitySource {
  readonly name = 'static'
  readonly basis = 'direct'
  readonly problem = null
  readonly revision = 0
  readonly resolutionMs = null
  readonly #figure: OfficialFigure

  constructor(figure: OfficialFigure) {
    this.#figure = figure
  }

  cover(unixMs: number): Coverage {
    const year = new Date(unixMs).getUTCFullYear()
    return { intensity: officialIntensity(this.#figure, year), untilUnixMs: Date.UTC(year + 1) }
  }
}

/** Final in the year that it is published for, an estimate in every other. */
export function officialIntensity(figure: OfficialFigure, year: number): Intensity {
  const edition = editionOf(figure, year)
  return {
    zone: zoneOf(figure),
    basis: 'direct',
    mgPerKwh: mgPerKwh(edition, figure.region),
    source: sourceOf(figure.publication, edition),
    status: edition.year === year ? 'final' : 'estimated',
    startsUnixMs: Date.UTC(edition.year),
    endsUnixMs: null,
    ...COUNTRY_AVERAGE,
  }
}
