import { AnswerError, dig, listIn, parseJson } from '../../io/answer.ts'
import type { IntensityBasis } from '../../model/carbon.ts'
import { HOUR_MS } from '../../model/time.ts'
import { type Feed, intensityOf, timeIn } from './feed.ts'
import { qualityOfHour } from './intensity-quality.ts'

export interface ElectricityMapsConfig {
  readonly source: 'electricitymaps'
  readonly key_file: string
  /** As Electricity Maps names it; null takes `carbon.zone`. */
  readonly zone: string | null
  readonly basis: IntensityBasis
  readonly hold: number
}

const FACTORS: Readonly<Record<IntensityBasis, string>> = { direct: 'direct', 'life-cycle': 'lifecycle' }

/** The last 24 hours of a zone's consumption mix: https://portal.electricitymaps.com/docs/api, `carbon-intensity/history`. */
export function electricityMapsFeed(
  { key_file, basis }: ElectricityMapsConfig,
  zone: string,
  baseUrl = 'https://api.electricitymaps.com',
): Feed {
  return {
    name: 'electricitymaps',
    basis,
    cacheKey: `electricitymaps:${zone}:${basis}`,
    everyMs: 10 * 60_000,
    // The interface is not asked for a time; the further past is paid for.
    backMs: 26 * HOUR_MS,
    aheadMs: HOUR_MS,
    keyFile: key_file,
    quality: qualityOfHour,
    request: (_, key) => {
      const url = new URL(`${baseUrl}/v3/carbon-intensity/history`)
      url.searchParams.set('zone', zone)
      url.searchParams.set('emissionFactorType', FACTORS[basis])
      return { url, headers: { accept: 'application/json', 'auth-token': key } }
    },
    parse: (body) =>
      listIn(parseJson(body), 'history').flatMap((entry) => {
        const [answered, factor] = [dig(entry, 'zone'), dig(entry, 'emissionFactorType')]
        if (answered !== zone) throw new AnswerError(`zone ${zone}`, answered)
        if (factor !== FACTORS[basis]) throw new AnswerError(`emissionFactorType ${FACTORS[basis]}`, factor)
        const [startsUnixMs, gPerKwh] = [timeIn(entry, 'datetime'), dig(entry, 'carbonIntensity')]
        if (gPerKwh === null) return []
        return {
          zone,
          mgPerKwh: intensityOf(gPerKwh),
          status: dig(entry, 'isEstimated') === true ? 'estimated' : 'final',
          startsUnixMs,
          endsUnixMs: startsUnixMs + HOUR_MS,
        }
      }),
  }
}
