import { setTimeout } from 'node:timers/promises'
import { type ClientOptions, PrometheusClient } from '../fleet/prometheus/client.ts'
import type { PrometheusSettings } from '../fleet/schema.ts'
import { CredentialFiles } from '../io/credential-files.ts'
import { httpPost } from '../io/http.ts'
import { SILENT } from '../model/logger.ts'
import { UsageError } from '../model/usage-error.ts'

/** An answer for five hundred hosts has less than two megabytes; a day of a meter that is read each second has two. */
const MOST_ANSWER_BYTES = 64 << 20

/** The server that was typed, or is configured. Throws a UsageError. */
export function serverUrl(typed: string | null, settings: PrometheusSettings): string {
  const url = typed ?? settings.url
  if (url === null) throw new UsageError('--prometheus: expected the URL of a server, or set fleet.prometheus.url')
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new UsageError('--prometheus: expected a URL such as http://prometheus:9090')
  return url
}

export interface ServerContext {
  readonly env: NodeJS.ProcessEnv
  readonly unixMs: () => number
  /** How a failed request is waited for; by default in real time. */
  readonly sleep?: ClientOptions['sleep']
}

/** Throws a ConfigFault for credentials that cannot be read. */
export function prometheusAt(
  url: string,
  settings: PrometheusSettings,
  { env, unixMs, sleep }: ServerContext,
  remedies: Partial<Pick<ClientOptions, 'remedies'>> = {},
): PrometheusClient {
  const files = new CredentialFiles(settings, SILENT)
  files.read()
  return new PrometheusClient({
    url,
    post: httpPost({ timeoutMs: settings.timeout, env, unixMs, maxBytes: MOST_ANSWER_BYTES, keepAlive: true }),
    access: () => files.read(),
    sleep: sleep ?? ((ms, signal) => setTimeout(ms, undefined, { signal })),
    ...remedies,
  })
}
