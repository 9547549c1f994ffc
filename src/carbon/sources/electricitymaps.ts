import { AnswerError, dig, listIn, parseJson } from '../../io/answer.ts'
import type { IntensityBasis } from '../../model/carbon.ts'
import { fault } from '../../model/config-fault.ts'
import { HOUR_MS } from '../../model/time.ts'
import { type Feed, intensityOf, timeIn } from '../feeds/feed.ts'
import { qualityOfHour } from '../intensity/intensity-quality.ts'
import type { ConfigOf, Keys, SourceType } from './source-type.ts'

const schema = ({ variant, optionalText, basis, hold, keyFile, ZONE }: Keys) =>
  variant('electricitymaps', 'A zone by the hour, from Electricity Maps.', {
    key_file: keyFile,
    zone: optionalText('Name that Electricity Maps gives the zone; null takes carbon.zone.', ZONE),
    basis,
    hold,
  })

export type ElectricityMapsConfig = ConfigOf<typeof schema>

export const electricityMapsSource: SourceType<typeof schema> = {
  name: 'electricitymaps',
  schema,
  example: { source: 'electricitymaps', key_file: '/etc/wattledger/electricitymaps.key', hold: '2h' },
  create: (config, { key, zone, live }) => {
    const own = config.zone ?? zone
    if (own === null) throw fault(key, 'electricitymaps: set zone or carbon.zone')
    return live(electricityMapsFeed(config, own), config.hold)
  },
}

const FACTORS: Readonly<Record<IntensityBasis, string>> = { direct: 'direct', 'life-cycle': 'lifecycle' }

/**
 * The last 24 hours of a zone's consumption mix: https://portal.electricitymaps.com/docs/api,
 * `carbon-intensity/history`.
 */
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
    // A request names no time; more than a day back is a paid service.
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
