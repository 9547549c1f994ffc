import { dig, listIn, parseJson } from '../../io/answer.ts'
import { HOUR_MS } from '../../model/time.ts'
import { type Feed, intensityOf, timeIn } from '../feeds/feed.ts'
import { qualityOfHour } from '../intensity/intensity-quality.ts'
import type { Keys, SourceType } from './source-type.ts'

const schema = ({ variant, hold }: Keys) =>
  variant('uk', "Great Britain by the half hour, direct, from NESO's Carbon Intensity API.", { hold })

export const ukSource: SourceType<typeof schema> = {
  name: 'uk',
  schema,
  example: { source: 'uk' },
  home: 'GB',
  create: (config, { live }) => live(ukFeed(), config.hold),
}

/**
 * Great Britain by the half hour, with a forecast: NESO's Carbon Intensity API (CC BY 4.0), emissions of the stack
 * alone, https://carbon-intensity.github.io/api-definitions/. A figure without `actual` is a forecast.
 */
export function ukFeed(baseUrl = 'https://api.carbonintensity.org.uk'): Feed {
  return {
    name: 'uk',
    basis: 'direct',
    cacheKey: 'uk',
    everyMs: 10 * 60_000,
    backMs: 48 * HOUR_MS,
    // A forecast of a day bridges an outage of a day.
    aheadMs: 24 * HOUR_MS,
    keyFile: null,
    quality: qualityOfHour,
    request: ({ fromUnixMs, toUnixMs }) => ({
      url: new URL(`${baseUrl}/intensity/${minuteOf(fromUnixMs)}/${minuteOf(toUnixMs)}`),
      headers: { accept: 'application/json' },
    }),
    parse: (body) =>
      listIn(parseJson(body), 'data').flatMap((entry) => {
        const [startsUnixMs, endsUnixMs] = [timeIn(entry, 'from'), timeIn(entry, 'to')]
        const [actual, forecast] = [dig(entry, 'intensity', 'actual'), dig(entry, 'intensity', 'forecast')]
        if (actual === null && forecast === null) return []
        return {
          zone: 'GB',
          mgPerKwh: intensityOf(actual ?? forecast),
          status: actual === null ? 'provisional' : 'final',
          startsUnixMs,
          endsUnixMs,
        }
      }),
  }
}

/** `2026-01-31T12:30Z` */
function minuteOf(unixMs: number): string {
  return `${new Date(unixMs).toISOString().slice(0, 16)}Z`
}
