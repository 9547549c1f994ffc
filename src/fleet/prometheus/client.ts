import { AnswerError } from '../../io/answer.ts'
import { HttpError, type HttpPost, type HttpSubmission } from '../../io/http.ts'
import { FleetFault } from '../fleet-fault.ts'
import { PartialAnswer, type Series, seriesIn } from './answer.ts'

export interface ClientOptions {
  readonly url: string
  readonly post: HttpPost
  /** Headers and certificates, read anew for each request. */
  readonly access: () => Pick<HttpSubmission, 'headers' | 'tls'>
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** What helps against a query that is not understood, and against what may pass. */
  readonly remedies?: Readonly<Record<'query' | 'passing', string>>
}

const REMEDIES = {
  query: 'see fleet.prometheus.selector and the series of meters',
  passing: 'What was read is kept: the command goes on from there when it is given again',
}
const ATTEMPTS = 5
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000
/** RFC 9110 and RFC 6585: what passes by itself. 500 is what proxies and stores that start up say. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

/** Thanos must neither leave stores out nor take sums of five minutes for samples; VictoriaMetrics no partial answer. */
const STRICT = { partial_response: 'false', deny_partial_response: '1', max_source_resolution: '0s', dedup: 'true' }

/**
 * Asks a server with the API of Prometheus for values at a moment (https://prometheus.io/docs/prometheus/latest/querying/api/).
 * An answer that is late, broken or partial is asked for again, and is an error at last: it is never taken for the whole.
 */
export class PrometheusClient {
  readonly #options: ClientOptions
  readonly #url: URL
  /** What was asked again, for people. */
  retries = 0

  constructor(options: ClientOptions) {
    this.#options = options
    this.#url = new URL(`${options.url.replace(/\/$/, '')}/api/v1/query`)
  }

  /** The server's name for messages and for the ledger. */
  get server(): string {
    return this.#url.host
  }

  /** The series of `query` at a moment. Throws a FleetFault FLEET_SERVER, whose cause has the status if there is one. */
  async query(query: string, unixMs: number, signal: AbortSignal): Promise<readonly Series[]> {
    let waitMs = FIRST_WAIT_MS
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#ask(query, unixMs, signal)
      } catch (error) {
        signal.throwIfAborted()
        if (attempt === ATTEMPTS || !isPassing(error)) throw this.#fault(error, unixMs, attempt)
        const { retryAfterMs = null } = error as Partial<HttpError>
        this.retries += 1
        await this.#options.sleep(Math.min(LONGEST_WAIT_MS, Math.max(waitMs, retryAfterMs ?? 0)), signal)
        waitMs *= 2
      }
    }
  }

  async #ask(query: string, unixMs: number, signal: AbortSignal): Promise<readonly Series[]> {
    const { headers, tls } = this.#options.access()
    const form = new URLSearchParams({ query, time: (unixMs / 1e3).toFixed(3), ...STRICT })
    const submission = {
      url: this.#url,
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: Buffer.from(form.toString()),
      ...(tls && { tls }),
    }
    return seriesIn((await this.#options.post(submission, signal)).toString('utf8'), unixMs)
  }

  #fault(error: unknown, unixMs: number, attempts: number): Error {
    const known = error instanceof HttpError || error instanceof AnswerError || error instanceof PartialAnswer
    if (!known) return error as Error
    const at = new Date(unixMs).toISOString()
    const reason = error instanceof HttpError ? error.message : `${this.server}: ${error.message}`
    const tried = attempts === 1 ? '' : ` after ${attempts} tries`
    const text = `${reason}${tried}, asked for ${at}${remedyOf(error, this.#options.remedies ?? REMEDIES)}`
    return new FleetFault('FLEET_SERVER', text, { cause: error })
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof HttpError) return error.status === null || PASSING.has(error.status)
  return error instanceof AnswerError || error instanceof PartialAnswer
}

function remedyOf(error: unknown, remedies: typeof REMEDIES): string {
  if (error instanceof PartialAnswer) return '. Nothing of it was counted: bring back what is missing, and ask again'
  const { status = null } = error as Partial<HttpError>
  if (status === 401 || status === 403) return ': set fleet.prometheus.key_file, and user for a password'
  if (status === 404 || status === 405) return ': expected the API of Prometheus below fleet.prometheus.url'
  if (status === 400) return `: it does not understand the query, ${remedies.query}`
  return `. ${remedies.passing}`
}
