import { createHash } from 'node:crypto'
import { AnswerError, dig } from '../../io/answer.ts'
import { checkServer, oneSeriesIn, rangeRequest, STEP_MS } from '../../io/prometheus-query.ts'
import { masked } from '../../model/secrets.ts'
import type { Form } from '../../schema/fields.ts'
import { type Feed, intensityOf } from '../feeds/feed.ts'
import { meansOf } from '../feeds/means.ts'
import { ESTIMATED_HOUR } from '../intensity/intensity-quality.ts'
import type { ConfigOf, Keys, SourceType } from './source-type.ts'

const URL_FORM: Form = { expected: 'a URL such as http://prometheus:9090', pattern: /^https?:\/\/[^\s?#]{1,1000}$/ }
const QUERY: Form = { expected: 'a PromQL query of 1 to 1000 characters', pattern: /^[^\0]{1,1000}$/ }

const schema = ({ variant, ABSOLUTE_PATH, optionalText, requiredText, hold, requiredBasis }: Keys) =>
  variant('prometheus', 'A series of g/kWh on a Prometheus server.', {
    url: requiredText('Base URL of the Prometheus server.', URL_FORM),
    query: requiredText('Query that returns exactly one series in g/kWh.', QUERY),
    basis: requiredBasis,
    key_file: optionalText('File with a bearer token; null sends none.', ABSOLUTE_PATH),
    hold,
  })

export type PrometheusConfig = ConfigOf<typeof schema>

export const prometheusSource: SourceType<typeof schema> = {
  name: 'prometheus',
  schema,
  create: (config, { key, zone, live }) => live(prometheusFeed(config, zone, key), config.hold),
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
    // The server does not tell how the series was measured.
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
