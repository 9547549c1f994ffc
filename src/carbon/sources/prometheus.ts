import { createHash } from 'node:crypto'
import { AnswerError, dig } from '../../io/answer.ts'
import { checkServer, oneSeriesIn, rangeRequest, STEP_MS } from '../../io/prometheus-query.ts'
import type { IntensityBasis } from '../../model/carbon.ts'
import { masked } from '../../model/secrets.ts'
import { type Feed, intensityOf } from './feed.ts'
import { ESTIMATED_HOUR } from './intensity-quality.ts'
import { meansOf } from './means.ts'

export interface PrometheusConfig {
  readonly source: 'prometheus'
  readonly url: string
  readonly query: string
  readonly basis: IntensityBasis
  /** A bearer token; null sends none. */
  readonly key_file: string | null
  readonly hold: number
}

/** A series of g/kWh on a Prometheus server, so that one fetch serves ten thousand hosts. Throws a ConfigFault. */
export function prometheusFeed(
  { url: base, query, basis, key_file }: PrometheusConfig,
  zone: string | null,
  key = 'carbon.location',
): Feed {
  checkServer(base, key)
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
    request: (window, key) => rangeRequest({ url: base, query }, window, key),
    parse: (body) => {
      const { metric, samples } = oneSeriesIn(body)
      const label = dig(metric, 'zone')
      if (label !== null && zone !== null && label !== zone) throw new AnswerError(`zone ${zone}`, label)
      const figures = samples.map(
        ({ startsUnixMs, text }) => [startsUnixMs, intensityOf(text === '' ? text : Number(text))] as const,
      )
      const named = { zone: masked(String(label ?? zone ?? 'unnamed')), status: 'provisional' } as const
      return meansOf(figures).map((mean) => ({ ...named, ...mean }))
    },
  }
}
