import type { Agent, IncomingHttpHeaders } from 'node:http'
import type { RequestOptions } from 'node:https'
import type { SecureContextOptions } from 'node:tls'
import { keepSecret } from '../model/secrets.ts'

/** One GET. Resolves to the body of a 200; rejects with an HttpError, or with the reason of the signal. */
export type HttpGet = (request: HttpRequest, signal: AbortSignal) => Promise<string>

/** One POST. Resolves to the body of a 2xx; rejects as HttpGet. */
export type HttpPost = (request: HttpSubmission, signal: AbortSignal) => Promise<Buffer>

export interface HttpRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** Of a server on this machine, instead of the URL's host. */
  readonly socketPath?: string
}

export interface HttpSubmission extends HttpRequest {
  readonly body: Uint8Array
  /** PEM: who is trusted in place of the well-known authorities, and who we are. */
  readonly tls?: Pick<SecureContextOptions, 'ca' | 'cert' | 'key'>
}

/**
 * No answer, or not a usable one. The message is ours alone: it shows neither path nor query, which may hold keys,
 * nor anything that the server said. Node's errors quote both, so they are not kept as its cause.
 */
export class HttpError extends Error {
  /** Null when there was no answer. */
  readonly status: number | null
  /** The wait that Retry-After asks for, in milliseconds; null without one. */
  readonly retryAfterMs: number | null
  /** Node's name of what broke the connection, or TIMED_OUT. */
  readonly code: string | null
  /** How the server wants a client to log in (WWW-Authenticate); empty where it does not say. */
  readonly challenge: string

  constructor(
    message: string,
    status: number | null = null,
    retryAfterMs: number | null = null,
    code: string | null = null,
    challenge: string = '',
  ) {
    super(message)
    this.name = 'HttpError'
    this.status = status
    this.retryAfterMs = retryAfterMs
    this.code = code
    this.challenge = challenge
  }
}

/** Code of an answer that did not come in time. */
export const TIMED_OUT = 'ETIMEDOUT'

/** A day of generation in XML has 2 MB. */
const MAX_BYTES = 8 << 20

/** Time after which an answer is given up. */
export const TIMEOUT_MS = 20_000

export interface HttpOptions {
  readonly timeoutMs: number
  /** Of an answer; 8 MiB where it is left out. */
  readonly maxBytes?: number
  /** Proxies as curl has them: HTTPS_PROXY, HTTP_PROXY, NO_PROXY. */
  readonly env: NodeJS.ProcessEnv
  readonly unixMs: () => number
  /** For many requests to one server: connections are used again. */
  readonly keepAlive?: boolean
}

/** GET over node:https. Redirects are errors. */
export function httpGet(options: HttpOptions): HttpGet {
  const agents = new Map<string, Agent>()
  return async (request, signal) => (await fetched(request, options, agents, signal)).toString('utf8')
}

/** POST over node:https, otherwise as httpGet. */
export function httpPost(options: HttpOptions): HttpPost {
  const agents = new Map<string, Agent>()
  return (submission, signal) => fetched(submission, options, agents, signal)
}

async function fetched(
  { url, headers, socketPath, body, tls = {} }: HttpRequest & Partial<HttpSubmission>,
  { timeoutMs, env, unixMs, maxBytes = MAX_BYTES, keepAlive = false }: HttpOptions,
  agents: Map<string, Agent>,
  signal: AbortSignal,
): Promise<Buffer> {
  const isGood = (status: number) => status === 200 || (body !== undefined && status > 200 && status < 300)
  const { Agent } = builtin(url)
  // By default a new connection for each request: they are minutes apart.
  const known = `${url.protocol} ${tls.ca} ${tls.cert} ${tls.key}`
  const agent = agents.get(known) ?? agentOf(() => new Agent({ proxyEnv: env, keepAlive, ...tls }))
  if (keepAlive) agents.set(known, agent)
  const method = body === undefined ? 'GET' : 'POST'
  const place = socketPath === undefined ? {} : { socketPath }
  const wanted = {
    url,
    method,
    headers,
    ...place,
    ...(body && { sent: body }),
    agent,
    timeoutMs,
    maxBytes,
    reads: isGood,
  }
  const answer = await exchange(wanted, signal)
  if (isGood(answer.status)) return answer.body
  const retryAfterMs = retryAfterMsOf(answer.headers['retry-after'], unixMs())
  const challenge = answer.headers['www-authenticate']
  throw new HttpError(`${url.host}: HTTP ${answer.status}`, answer.status, retryAfterMs, null, challenge)
}

export interface Exchange extends HttpRequest {
  readonly method: string
  readonly sent?: string | Uint8Array
  readonly agent: Agent
  readonly timeoutMs: number
  /** Largest answer; by default 8 MiB. */
  readonly maxBytes?: number
  /** Whether the body of an answer with this status is read. */
  readonly reads: (status: number) => boolean
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Empty where it was not read. */
  readonly body: Buffer
}

/** One request and its answer, whatever its status. Not fetch: that loads undici, 13 MB. Rejects with an HttpError. */
export function exchange(
  { url, method, headers, socketPath, sent, agent, timeoutMs, maxBytes = MAX_BYTES, reads }: Exchange,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    keepCredentials(url, headers)
    // The host alone: a path may hold the asked time, and a reason in the ledger must not differ each time.
    const place = url.host
    const deadline = AbortSignal.timeout(timeoutMs)
    const fail = (error: Error) => {
      if (error instanceof HttpError) return reject(error)
      const reason = deadline.aborted ? `no answer within ${timeoutMs / 1e3} s` : reasonOf(error)
      const code = deadline.aborted ? TIMED_OUT : ((error as NodeJS.ErrnoException).code ?? null)
      reject(new HttpError(`${place}: ${reason}`, null, null, code))
    }
    const options: RequestOptions = {
      method,
      agent,
      headers: { accept: '*/*', 'user-agent': 'wattledger', ...headers },
      ...(socketPath === undefined ? {} : { socketPath }),
      signal: AbortSignal.any([signal, deadline]),
    }
    const outgoing = builtin(url).request(url, options, (answer) => {
      const { statusCode: status = 0, headers: told } = answer
      if (!reads(status)) {
        answer.resume()
        return resolve({ status, headers: told, body: Buffer.alloc(0) })
      }
      const chunks: Buffer[] = []
      let size = 0
      answer.on('data', (chunk: Buffer) => {
        size += chunk.length
        chunks.push(chunk)
        if (size <= maxBytes) return
        reject(new HttpError(`${place}: more than ${maxBytes} bytes`))
        answer.destroy()
      })
      answer.on('error', fail)
      answer.on('end', () => resolve({ status, headers: told, body: Buffer.concat(chunks) }))
    })
    outgoing.on('error', fail)
    outgoing.end(sent)
  })
}

const builtin = ({ protocol }: URL) => process.getBuiltinModule(protocol === 'http:' ? 'node:http' : 'node:https')

/** Throws an HttpError for a bad proxy URL, since Node's error shows its password. */
function agentOf<A>(create: () => A): A {
  try {
    return create()
  } catch {
    throw new HttpError('expected the URL of a proxy in HTTPS_PROXY and HTTP_PROXY, such as http://proxy:3128')
  }
}

/** Credentials must not come back in a message, whatever the server answers. */
function keepCredentials(url: URL, { authorization = '' }: HttpRequest['headers']): void {
  keepSecret(authorization.replace(/^\w+ /, ''))
  const [user, password] = [url.username, url.password].map(decodeURIComponent)
  if (password === '') return
  keepSecret(password ?? '')
  keepSecret(Buffer.from(`${user}:${password}`).toString('base64'))
}

const REASONS: Readonly<Record<string, string>> = {
  EAI_AGAIN: 'its name cannot be looked up now',
  ENOTFOUND: 'its name is not known',
  ECONNREFUSED: 'it refuses the connection',
  ECONNRESET: 'it broke off the connection',
  EPROTO: 'it speaks no TLS that is understood',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is of an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is of an authority that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is of an authority that is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is of another name',
  ERR_PROXY_TUNNEL: 'the proxy does not lead to it',
}

function reasonOf({ code }: NodeJS.ErrnoException): string {
  const known = REASONS[code ?? ''] ?? 'the connection failed'
  return code === undefined ? known : `${known} (${code})`
}

/** RFC 9110, 10.2.3: seconds or an HTTP date. */
export function retryAfterMsOf(text: string | undefined, nowUnixMs: number): number | null {
  if (text === undefined) return null
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1e3 : Date.parse(text) - nowUnixMs
  return Number.isNaN(ms) ? null : Math.max(0, ms)
}
