import { createHash } from 'node:crypto'
import type { IntensityBasis } from '../../model/carbon.ts'
import { ESTIMATED_HOUR } from '../intensity-quality.ts'
import { dig, type Feed, FeedError, intensityOf, type Json, listIn, parseJson } from './feed.ts'
import { floorTo, meansOf } from './means.ts'

export interface PrometheusConfig {
  readonly source: 'prometheus'
  readonly url: string
  readonly query: string
  readonly basis: IntensityBasis
  /** A bearer token; null sends none. */
  readonly key_file: string | null
  readonly hold: number
}

const STEP_MS = 60_000

/**
 * A series of g/kWh on a Prometheus server, so that one fetch serves ten thousand hosts.
 * https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries
 */
export function prometheusFeed({ url: base, query, basis, key_file }: PrometheusConfig, zone: string | null): Feed {
  return {
    name: 'prometheus',
    basis,
    // A URL may hold a password.
    cacheKey: `prometheus:${createHash('sha256').update(`${base} ${query}`).digest('hex').slice(0, 16)}:${zone}:${basis}`,
    everyMs: STEP_MS / 2,
    backMs: 60 * STEP_MS,
    aheadMs: 0,
    keyFile: key_file,
    // Whoever keeps the series does not say how it was come by.
    quality: () => ESTIMATED_HOUR,
    request: ({ fromUnixMs, toUnixMs }, key) => {
      const url = new URL(`${base.replace(/\/$/, '')}/api/v1/query_range`)
      url.searchParams.set('query', query)
      url.searchParams.set('start', String(floorTo(STEP_MS, fromUnixMs) / 1e3))
      url.searchParams.set('end', String(floorTo(STEP_MS, toUnixMs) / 1e3))
      url.searchParams.set('step', String(STEP_MS / 1e3))
      const authorization: Record<string, string> = key === '' ? {} : { authorization: `Bearer ${key}` }
      return { url, headers: { accept: 'application/json', ...authorization } }
    },
    parse: (body) => {
      const series = listIn(parseJson(body), 'data', 'result')
      const [one = null, ...others] = series
      if (one === null || others.length > 0) throw new FeedError('a query with one series', `${series.length} series`)
      const label = dig(one, 'metric', 'zone')
      if (label !== null && zone !== null && label !== zone) throw new FeedError(`zone ${zone}`, label)
      const samples = listIn(one, 'values').map(sampleOf)
      const named = { zone: String(label ?? zone ?? 'unnamed'), status: 'provisional' } as const
      return meansOf(samples).map((mean) => ({ ...named, ...mean }))
    },
  }
}

function sampleOf(sample: Json): readonly [unixMs: number, mgPerKwh: bigint] {
  const [atS, text] = Array.isArray(sample) ? sample : []
  if (typeof atS !== 'number' || typeof text !== 'string') throw new FeedError('a time and a value', sample)
  return [Math.round(atS * 1e3), intensityOf(text === '' ? text : Number(text))]
}
