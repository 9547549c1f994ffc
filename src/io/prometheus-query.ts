import { fault } from '../model/config-fault.ts'
import { masked } from '../model/secrets.ts'
import { floorTo } from '../model/time.ts'
import { AnswerError, dig, type Json, listIn, parseJson } from './answer.ts'
import type { HttpRequest } from './http.ts'

/** A sample holds until the next one is due. */
export const STEP_MS = 60_000

interface Sample {
  readonly startsUnixMs: number
  readonly endsUnixMs: number
  /** As Prometheus writes numbers: `1.25`. */
  readonly text: string
}

/** Throws a ConfigFault for a URL that only looks like one, such as one with the port 99999. */
export function checkServer(url: string, key: string): void {
  if (!URL.canParse(url)) throw fault(key, `expected a URL such as http://prometheus:9090, received ${masked(url)}`)
}

/** https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries; `url` is the server's. */
export function rangeRequest(
  { url: base, query }: { readonly url: string; readonly query: string },
  { fromUnixMs, toUnixMs }: { readonly fromUnixMs: number; readonly toUnixMs: number },
  key: string,
): HttpRequest {
  const url = new URL(`${base.replace(/\/$/, '')}/api/v1/query_range`)
  url.searchParams.set('query', query)
  url.searchParams.set('start', String(floorTo(STEP_MS, fromUnixMs) / 1e3))
  url.searchParams.set('end', String(floorTo(STEP_MS, toUnixMs) / 1e3))
  url.searchParams.set('step', String(STEP_MS / 1e3))
  const authorization: Record<string, string> = key === '' ? {} : { authorization: `Bearer ${key}` }
  return { url, headers: { accept: 'application/json', ...authorization } }
}

/** Results of a division by zero in Prometheus's spelling: a sample without a figure. */
const NO_FIGURES: ReadonlySet<Json> = new Set(['NaN', '+Inf', '-Inf'])

/**
 * The one series of an answer, without samples that have no figure. Throws an AnswerError for none or several series.
 */
export function oneSeriesIn(body: string): { readonly metric: Json; readonly samples: readonly Sample[] } {
  const series = listIn(parseJson(body), 'data', 'result')
  const [one = null, ...others] = series
  if (one === null || others.length > 0) throw new AnswerError('a query with one series', `${series.length} series`)
  const samples = listIn(one, 'values').flatMap((sample) => {
    const [atS, text] = Array.isArray(sample) ? sample : []
    if (typeof atS !== 'number' || typeof text !== 'string') throw new AnswerError('a time and a value', sample)
    if (NO_FIGURES.has(text)) return []
    const startsUnixMs = Math.round(atS * 1e3)
    return { text, startsUnixMs, endsUnixMs: startsUnixMs + STEP_MS }
  })
  return { metric: dig(one, 'metric'), samples }
}
