import type { RequestOptions } from 'node:https'

/** One GET. Resolves to the body of a 200; rejects with an HttpError, or with the reason of the signal. */
export type HttpGet = (request: HttpRequest, signal: AbortSignal) => Promise<string>

export interface HttpRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

/** No answer, or not the one that was hoped for. The message names no query: keys stand there. */
export class HttpError extends Error {
  /** Null when there was no answer. */
  readonly status: number | null
  /** What Retry-After says, in milliseconds; null without one. */
  readonly retryAfterMs: number | null

  constructor(message: string, status: number | null, retryAfterMs: number | null, options?: ErrorOptions) {
    super(message, options)
    this.name = 'HttpError'
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

/** The largest answer asked for is a day of generation in XML: 2 MB. */
const MAX_BYTES = 8 << 20

/** Time after which an answer is given up. */
export const TIMEOUT_MS = 20_000

export interface HttpOptions {
  readonly timeoutMs: number
  /** Proxies as curl has them: HTTPS_PROXY, HTTP_PROXY, NO_PROXY. */
  readonly env: NodeJS.ProcessEnv
  readonly unixMs: () => number
}

/** GET over node:https. Not fetch: that loads undici, 13 MB. Redirects are errors. */
export function httpGet({ timeoutMs, env, unixMs }: HttpOptions): HttpGet {
  return ({ url, headers }, signal) =>
    new Promise((resolve, reject) => {
      const isPlain = url.protocol === 'http:'
      const { Agent, request } = process.getBuiltinModule(isPlain ? 'node:http' : 'node:https')
      // The path may hold the time that is asked for, and a reason that stands in the ledger must not differ each time.
      const place = url.host
      const deadline = AbortSignal.timeout(timeoutMs)
      const fail = (cause: Error) => {
        const reason = deadline.aborted ? `no answer within ${timeoutMs / 1e3} s` : cause.message
        reject(new HttpError(`${place}: ${reason}`, null, null, { cause }))
      }
      // A connection for each look: looks are minutes apart.
      const options: RequestOptions = {
        agent: new Agent({ proxyEnv: env }),
        headers: { accept: '*/*', 'user-agent': 'wattledger', ...headers },
        signal: AbortSignal.any([signal, deadline]),
      }
      const outgoing = request(url, options, (answer) => {
        const { statusCode = 0, headers: told } = answer
        if (statusCode !== 200) {
          answer.resume()
          const retryAfterMs = retryAfterMsOf(told['retry-after'], unixMs())
          return reject(new HttpError(`${place}: HTTP ${statusCode}`, statusCode, retryAfterMs))
        }
        const chunks: Buffer[] = []
        let size = 0
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > MAX_BYTES) answer.destroy(new Error(`more than ${MAX_BYTES} bytes`))
          else chunks.push(chunk)
        })
        answer.on('error', fail)
        answer.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
      })
      outgoing.on('error', fail)
      outgoing.end()
    })
}

/** RFC 9110, 10.2.3: seconds or an HTTP date. */
function retryAfterMsOf(text: string | undefined, nowUnixMs: number): number | null {
  if (text === undefined) return null
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1e3 : Date.parse(text) - nowUnixMs
  return Number.isNaN(ms) ? null : Math.max(0, ms)
}
