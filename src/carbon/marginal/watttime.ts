import { AnswerError, dig, listIn, parseJson } from '../../io/answer.ts'
import { HOUR_MS } from '../../model/time.ts'
import { intensityOf, type PublicFeed, timeIn } from '../feeds/feed.ts'

export interface WattTimeConfig {
  readonly source: 'watttime'
  readonly username: string
  /** File with the password. */
  readonly key_file: string
  /** As WattTime names it; without a paid plan CAISO_NORTH alone. */
  readonly region: string
}

export const WATTTIME_URL = 'https://api.watttime.org'

const POINT_MS = 5 * 60_000
/** The international pound: 453.59237 g, and MWh to kWh. */
const G_PER_KWH_OF_LB_PER_MWH = 0.45359237

/**
 * The marginal operating emissions rate of a region by five minutes: WattTime v3, https://docs.watttime.org. The forecast,
 * since it begins with the present; the history is for analyses.
 */
export function watttimeFeed({ username, key_file, region }: WattTimeConfig, baseUrl = WATTTIME_URL): PublicFeed {
  return {
    name: 'watttime',
    basis: 'marginal',
    cacheKey: `watttime:${region}`,
    everyMs: POINT_MS,
    backMs: HOUR_MS,
    aheadMs: 3 * HOUR_MS,
    keyFile: key_file,
    request: (_, key) => {
      const url = new URL(`${baseUrl}/v3/forecast`)
      url.searchParams.set('region', region)
      url.searchParams.set('signal_type', 'co2_moer')
      url.searchParams.set('horizon_hours', '2')
      const authorization = `Basic ${Buffer.from(`${username}:${key}`).toString('base64')}`
      return { url, headers: { accept: 'application/json', authorization } }
    },
    parse: (body) => {
      const answer = parseJson(body)
      for (const [name, expected] of [
        ['region', region],
        ['signal_type', 'co2_moer'],
        ['units', 'lbs_co2_per_mwh'],
      ] as const) {
        const answered = dig(answer, 'meta', name)
        if (answered !== expected) throw new AnswerError(`${name} ${expected}`, answered)
      }
      return listIn(answer, 'data').flatMap((point) => {
        const [startsUnixMs, pounds] = [timeIn(point, 'point_time'), dig(point, 'value')]
        if (pounds === null) return []
        return {
          zone: region,
          mgPerKwh: intensityOf(typeof pounds === 'number' ? pounds * G_PER_KWH_OF_LB_PER_MWH : pounds),
          status: 'provisional',
          startsUnixMs,
          endsUnixMs: startsUnixMs + POINT_MS,
        }
      })
    },
  }
}
