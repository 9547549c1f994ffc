import type { Agent } from 'node:http'
import type { AgentOptions } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { exchange, type HttpAnswer, HttpError, TIMED_OUT } from '../../io/http.ts'
import { refusedIn } from '../declared/certificate.ts'

/** The certificate is not one to send a password to. */
export class CertificateError extends HttpError {
  /** Of the certificate that was shown: `AB:CD:...`. */
  readonly fingerprint: string

  constructor(message: string, fingerprint: string) {
    super(message)
    this.name = 'CertificateError'
    this.fingerprint = fingerprint
  }
}

export interface BmcRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Or a URL on the same host. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly sent?: string
}

export interface ConnectionOptions {
  readonly url: string
  /** SHA-256 of the one certificate that is accepted; null accepts those of known authorities. */
  readonly fingerprint: string | null
  readonly deadlineMs: number
}

/** A list of a thousand members comes to a tenth of it. */
const MOST_BYTES = 1 << 20

/** Requests to one controller, one at a time: many serve no more, and some break. */
export class BmcConnection {
  readonly #base: URL
  readonly #deadlineMs: number
  readonly #agent: Agent
  #last: Promise<unknown> = Promise.resolve()

  constructor({ url, fingerprint, deadlineMs }: ConnectionOptions) {
    this.#base = new URL(url)
    this.#deadlineMs = deadlineMs
    this.#agent = this.#base.protocol === 'http:' ? plainAgent() : pinnedAgent(this.#base, fingerprint, deadlineMs)
  }

  get host(): string {
    return this.#base.host
  }

  /** Rejects with an HttpError where there is no answer. */
  send(request: BmcRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const turn = this.#last.then(() => this.#exchange(request, signal))
    this.#last = turn.catch(() => {})
    return turn
  }

  close(): void {
    this.#agent.destroy()
  }

  async #exchange(request: BmcRequest, signal: AbortSignal): Promise<HttpAnswer> {
    if (signal.aborted) throw new HttpError(`${this.host}: given up`)
    try {
      return await this.#once(request, signal)
    } catch (error) {
      // A controller may close an idle connection just when it is used.
      const wasClosed = error instanceof HttpError && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      if (!wasClosed || request.method === 'POST' || signal.aborted) throw error
      return this.#once(request, signal)
    }
  }

  #once({ method, path, headers = {}, sent = '' }: BmcRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const url = new URL(path, this.#base)
    // What it answers may not lead a token elsewhere.
    if (url.origin !== this.#base.origin) throw new HttpError(`${this.host}: it leads to another host`)
    const told = { accept: 'application/json', 'odata-version': '4.0', ...headers }
    const content =
      sent === '' ? {} : { 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(sent)}` }
    const wanted = { url, method, headers: { ...told, ...content }, sent, reads: () => true }
    return exchange({ ...wanted, agent: this.#agent, timeoutMs: this.#deadlineMs, maxBytes: MOST_BYTES }, signal)
  }
}

const ONE_CONNECTION = { keepAlive: true, maxSockets: 1 } as const

function plainAgent(): Agent {
  const { Agent } = process.getBuiltinModule('node:http')
  return new Agent(ONE_CONNECTION)
}

/** Hands out a connection when its certificate has been looked at, so that no byte of a request comes before. */
function pinnedAgent({ host }: URL, fingerprint: string | null, deadlineMs: number): Agent {
  const { Agent } = process.getBuiltinModule('node:https')
  const { connect } = process.getBuiltinModule('node:tls')
  const agent = new Agent(ONE_CONNECTION)
  agent.createConnection = (options: AgentOptions, done) => {
    // What it shows is looked at here, where also the fingerprint of an unknown one can be told.
    const socket = connect({ ...options, rejectUnauthorized: false, timeout: deadlineMs })
    const fail = (error: Error) => done?.(error, socket)
    // Who asked has given up by then, and nobody else knows of a connection that is not there yet.
    const late = () =>
      socket.destroy(new HttpError(`${host}: no connection within ${deadlineMs / 1e3} s`, null, null, TIMED_OUT))
    socket.once('error', fail)
    socket.once('timeout', late)
    socket.once('secureConnect', () => {
      socket.off('error', fail).off('timeout', late).setTimeout(0)
      const error = faultOf(socket, host, fingerprint)
      if (error === null) return done?.(null, socket)
      socket.destroy()
      fail(error)
    })
    return undefined
  }
  return agent
}

function faultOf(socket: TLSSocket, host: string, pin: string | null): CertificateError | null {
  const refused = refusedIn(socket, pin, 'sensors.redfish.fingerprint')
  return refused && new CertificateError(`${host}: ${refused.reason}`, refused.fingerprint)
}
