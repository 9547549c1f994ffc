import type { Intensity } from '../../model/carbon.ts'
import type { Form } from '../../schema/fields.ts'
import { COUNTRY_AVERAGE, WORLD_AVERAGE } from '../intensity/intensity-quality.ts'
import type { Coverage, IntensitySource } from '../intensity/source.ts'
import { countryOf, officialFigure } from '../official/official.ts'
import { OfficialSource } from '../official/official-source.ts'
import { EMBER_YEAR, emberIntensities, emberYear } from '../zone/ember.ts'
import { findZone } from '../zone/zone.ts'
import type { Keys, SourceType } from './source-type.ts'

const FIGURE: Form = {
  expected: 'the name of an official figure, such as egrid/CAMX, desnz/GB or nga/NSW,',
  pattern: /^[^\s"\p{Cc}]{1,63}$/u,
}

const schema = ({ variant, optionalText }: Keys) =>
  variant('static', 'The yearly average of carbon.zone, life-cycle, or an official figure, direct.', {
    figure: optionalText("An authority's figure that counts in place of the average.", FIGURE),
  })

export const staticSource: SourceType<typeof schema> = {
  name: 'static',
  schema,
  example: { source: 'static' },
  homeOf: ({ figure }) => (figure === null ? null : countryOf(figure)),
  create: ({ figure }, { key }) =>
    figure === null ? null : new OfficialSource(officialFigure(figure, 'location', `${key}.figure`)),
}

/** The yearly average of a zone, at any time. */
export class StaticSource implements IntensitySource {
  readonly name = 'static'
  readonly basis = 'life-cycle'
  readonly problem = null
  readonly revision = 0
  readonly resolutionMs = null
  readonly #intensity: Intensity

  /** `zone` is an ISO 3166 code, or null for the world average. Throws a ConfigFault. */
  constructor(zone: string | null) {
    this.#intensity = staticIntensity(zone)
  }

  cover(): Coverage {
    return { intensity: this.#intensity, untilUnixMs: Number.POSITIVE_INFINITY }
  }
}

/** The yearly average of a zone, an estimate for every other year. Throws a ConfigFault. */
export function staticIntensity(text: string | null): Intensity {
  const figures = emberIntensities()
  const zone = findZone(text ?? 'WORLD', new Set(Object.keys(figures)))
  const year = emberYear(zone.key)
  return {
    zone: zone.name,
    basis: 'life-cycle',
    mgPerKwh: BigInt(Math.round((figures[zone.key] ?? Number.NaN) * 1e3)),
    source: text === null ? 'world-average' : `static:ember${year === null ? '' : `-${year}`}`,
    status: 'estimated',
    startsUnixMs: Date.UTC(year ?? EMBER_YEAR, 0, 1),
    endsUnixMs: null,
    // A region's name is its key; a country is named by the shorter code.
    ...(zone.name === zone.key ? WORLD_AVERAGE : COUNTRY_AVERAGE),
  }
}
