import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { ListenOptions, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Logger } from '../../model/logger.ts'
import { type Client, Connections } from './connections.ts'
import { HTTP_LIMITS, type HttpLimits } from './http-limits.ts'
import { refuseConnection } from './refusal.ts'
import { Turnstile } from './turnstile.ts'

export interface GuardedServerOptions {
  /** Writes the whole response. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  readonly logger: Logger
  readonly limits?: Partial<HttpLimits>
  /** Who has opened a connection. Default: its address. */
  readonly clientOf?: (socket: Socket) => Client
  /** The methods that are served, as `Allow` names them. */
  readonly allow: string
}

/** Of Node: what is longer is a millisecond. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** An HTTP/1.1 server that no client can hold open for long, whatever it listens on. */
export class GuardedServer {
  readonly limits: HttpLimits
  readonly #options: GuardedServerOptions
  readonly #connections: Connections
  #server: Server | undefined

  constructor(options: GuardedServerOptions) {
    this.#options = options
    this.limits = { ...HTTP_LIMITS, ...options.limits }
    this.#connections = new Connections(
      this.limits.connections,
      options.clientOf ?? (({ remoteAddress }) => remoteAddress),
    )
  }

  /** What Node's server has to be made with. */
  settings() {
    return {
      maxHeaderSize: this.limits.headerBytes,
      // What is read ahead of an answer: no more than one request that is still allowed.
      highWaterMark: this.limits.headerBytes,
      keepAliveTimeout: this.limits.idleMs,
      // The turnstile's clocks run while there is something to wait for: Node's look for slow clients would wake the process always.
      requestTimeout: 0,
      headersTimeout: 0,
      connectionsCheckingInterval: LONGEST_TIMER_MS,
    }
  }

  /** Rejects with the error of the system. */
  async listen(
    server: Server,
    at: ListenOptions,
    event: 'connection' | 'secureConnection' = 'connection',
  ): Promise<void> {
    const { logger, allow } = this.#options
    takeTurns(server, event, this.limits)
    this.#server = server
    server.on('request', (request, response) => this.#respond(request, response))
    // Without a listener the answer would leave the connection open, unnoticed by the turnstile.
    server.on('checkExpectation', (_request, response) => response.writeHead(417, { Connection: 'close' }).end())
    // Without a listener a CONNECT would be cut off instead of refused.
    server.on('connect', (_request, socket) => refuseConnection(socket, 405, { Allow: allow }))
    server.on('clientError', (error, socket) => refuseConnection(socket, error))
    server.on('connection', (socket: Socket) => this.#connections.add(socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(at, resolve)
    })
    server.removeAllListeners('error')
    server.on('error', (error) => logger.error({ event: 'http_failed', error }, 'HTTP server failed'))
  }

  /** Ends idle connections now and the others after a grace period or when `signal` aborts. Idempotent. */
  async close(signal: AbortSignal): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server?.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    const destroyAll = () => this.#connections.destroyAll()
    const grace = setTimeout(destroyAll, signal.aborted ? 0 : this.limits.closeMs)
    signal.addEventListener('abort', destroyAll, { once: true })
    await closed
    clearTimeout(grace)
    signal.removeEventListener('abort', destroyAll)
  }

  #respond(request: IncomingMessage, response: ServerResponse): void {
    const turnstile = request.socket as Duplex as Turnstile
    const { socket } = turnstile
    turnstile.told()
    this.#connections.mark(socket, 'asking')
    // Also ends a client that asks and does not read the answer.
    const deadline = setTimeout(() => response.destroy(), this.limits.answerMs)
    response.once('close', () => {
      clearTimeout(deadline)
      this.#connections.mark(socket, 'idle')
      if (this.#server === undefined) request.socket.destroySoon()
      else turnstile.next()
    })
    const isLast = this.#server === undefined || !this.#isRead(request) || turnstile.ahead >= this.limits.ahead
    if (isLast) response.shouldKeepAlive = false
    this.#options.answer(request, response).catch((error) => {
      this.#options.logger.error({ event: 'http_failed', error }, 'a request was left without an answer')
      response.destroy()
    })
  }

  /** A body that is not read bars the connection for another request. */
  #isRead({ headers }: IncomingMessage): boolean {
    return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= this.limits.bodyBytes
  }
}

/** The connection that a request of a guarded server came by. */
export function socketOf(request: IncomingMessage): Socket {
  return (request.socket as Duplex as Turnstile).socket
}

/** Puts a turnstile between each connection and the server. */
function takeTurns(
  server: Server,
  event: 'connection' | 'secureConnection',
  { requestMs, lingerMs, bodyBytes }: Pick<HttpLimits, 'requestMs' | 'lingerMs' | 'bodyBytes'>,
): void {
  const serve = server.listeners(event).at(-1) as (connection: Duplex) => void
  server.removeListener(event, serve)
  const onLate = (turnstile: Turnstile) => refuseConnection(turnstile, 408)
  const options = { requestMs, lingerMs, bodyBytes, onLate }
  server.on(event, (socket: Socket) => serve.call(server, new Turnstile(socket, options)))
}
