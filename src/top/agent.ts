import { HttpError, httpGet } from '../io/http.ts'
import { type Moment, type Past, parseMoment, parsePast } from './moment.ts'

const TIMEOUT_MS = 5_000
const PAST_MINUTES = 40

/** An agent that is asked over its own interface for programs. */
export class AgentPage {
  readonly #get: (path: string, signal: AbortSignal) => Promise<string>

  /** `env`: of the proxies that lead to it. */
  constructor(address: URL, env: NodeJS.ProcessEnv) {
    const get = httpGet({ timeoutMs: TIMEOUT_MS, env, unixMs: Date.now })
    // It may stand below a path of a proxy.
    const base = address.href.replace(/[?#].*$/, '').replace(/\/*$/, '/')
    this.#get = (path, signal) => get({ url: new URL(path, base), headers: { accept: 'application/json' } }, signal)
  }

  /** Rejects with an error for people, or with the reason of the signal. */
  async now(signal: AbortSignal): Promise<Moment> {
    return parseMoment(await this.#get('api/v1/now', signal))
  }

  /** The last minutes up to a time. */
  async past(untilUnixMs: number, signal: AbortSignal): Promise<Past> {
    const [from, to] = [untilUnixMs - PAST_MINUTES * 60_000, untilUnixMs].map((ms) => new Date(ms).toISOString())
    return parsePast(await this.#get(`api/v1/history?from=${from}&to=${to}&points=${PAST_MINUTES}`, signal))
  }
}

const STATUSES: Readonly<Record<number, string>> = {
  401: 'it wants a login that it knows: USER:PASSWORD@ before the host in --url',
  404: 'it has no /api/v1/now, so that it is no agent of this version',
  503: 'it has not taken a reading yet: ask again in some seconds',
}

/** Why an agent does not answer, in a sentence. */
export function problemOf(error: unknown): string {
  const { message } = error as Error
  if (!(error instanceof HttpError) || error.status === null) return message
  const said = STATUSES[error.status]
  return said === undefined ? message : message.replace(/HTTP \d+$/, said)
}
