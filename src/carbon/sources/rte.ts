import { dig, listIn, parseJson } from '../../io/answer.ts'
import { HOUR_MS } from '../../model/time.ts'
import { type Feed, intensityOf, timeIn } from '../feeds/feed.ts'
import { qualityOfHour } from '../intensity/intensity-quality.ts'
import type { Keys, SourceType } from './source-type.ts'

const schema = ({ variant, hold }: Keys) =>
  variant('rte', "France by the quarter hour, direct, from RTE's eCO2mix.", { hold })

export const rteSource: SourceType<typeof schema> = {
  name: 'rte',
  schema,
  example: { source: 'rte', hold: '2h' },
  home: 'FR',
  create: (config, { live }) => live(rteFeed(), config.hold),
}

const QUARTER_MS = 15 * 60_000

/**
 * France by the quarter of an hour, about an hour late: RTE's eCO2mix in real time (Licence Ouverte 2.0), emissions of the
 * stack alone for what is generated in France. https://odre.opendatasoft.com/explore/dataset/eco2mix-national-tr
 */
export function rteFeed(baseUrl = 'https://odre.opendatasoft.com'): Feed {
  return {
    name: 'rte',
    basis: 'direct',
    cacheKey: 'rte',
    everyMs: 10 * 60_000,
    backMs: 48 * HOUR_MS,
    aheadMs: 0,
    keyFile: null,
    quality: qualityOfHour,
    // Not `records`, which gives a hundred at most: a day and an hour.
    request: ({ fromUnixMs }) => {
      const url = new URL(`${baseUrl}/api/explore/v2.1/catalog/datasets/eco2mix-national-tr/exports/json`)
      url.searchParams.set('select', 'date_heure,taux_co2')
      url.searchParams.set(
        'where',
        `taux_co2 is not null and date_heure >= date'${new Date(fromUnixMs).toISOString().slice(0, 19)}Z'`,
      )
      url.searchParams.set('timezone', 'UTC')
      return { url, headers: { accept: 'application/json' } }
    },
    parse: (body) =>
      listIn(parseJson(body)).flatMap((entry) => {
        const [startsUnixMs, gPerKwh] = [timeIn(entry, 'date_heure'), dig(entry, 'taux_co2')]
        if (gPerKwh === null) return []
        return {
          zone: 'FR',
          mgPerKwh: intensityOf(gPerKwh),
          status: 'provisional',
          startsUnixMs,
          endsUnixMs: startsUnixMs + QUARTER_MS,
        }
      }),
  }
}
