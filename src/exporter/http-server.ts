import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Logger } from '../model/logger.ts'
import { HTTP_LIMITS, type HttpLimits } from './http-limits.ts'
import { type ListenAddress, listenError, urlOf } from './listen-address.ts'
import { refuseConnection } from './refusal.ts'
import { Turnstile } from './turnstile.ts'
import { admitsClient } from './web-config/client-certificate.ts'
import type { WebConfig } from './web-config/load.ts'

// An import of node:http would also evaluate its lazy WebSocket export, which loads undici: 13 MB and 80 ms.
const { createServer } = process.getBuiltinModule('node:http')

export interface HttpServerOptions {
  /** Writes the whole response. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** Asked at every new connection. */
  readonly webConfig: () => WebConfig
  readonly logger: Logger
  readonly limits?: Partial<HttpLimits>
}

/** An HTTP/1.1 server, with TLS if the web configuration has it, that no client can hold open for long. */
export class HttpServer {
  readonly #options: HttpServerOptions
  readonly #limits: HttpLimits
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  constructor(options: HttpServerOptions) {
    this.#options = options
    this.#limits = { ...HTTP_LIMITS, ...options.limits }
  }

  /** Resolves to the URL to open. Rejects with LISTEN_FAILED. */
  async listen(address: ListenAddress): Promise<string> {
    const config = this.#options.webConfig()
    const server = config.tls === null ? createServer(this.#settings()) : this.#createTlsServer(config.tls)
    takeTurns(server, config.tls === null ? 'connection' : 'secureConnection', this.#limits.lingerMs)
    this.#server = server
    server.maxConnections = this.#limits.connections
    server.on('request', (request, response) => this.#respond(request, response))
    // Without a listener the answer would leave the connection open, unnoticed by the turnstile.
    server.on('checkExpectation', (_request, response) => response.writeHead(417, { Connection: 'close' }).end())
    // Without a listener a CONNECT would be cut off instead of refused.
    server.on('connect', (_request, socket) => refuseConnection(socket, 405, { Allow: 'GET, HEAD' }))
    server.on('clientError', (error, socket) => refuseConnection(socket, error))
    server.on('connection', (socket: Socket) => this.#track(socket))
    // A scraper must find a place though idle clients hold all of them.
    server.on('drop', () => server.closeIdleConnections())
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => reject(listenError(address, cause)))
      server.listen({ port: address.port, ...(address.host === null ? {} : { host: address.host }) }, resolve)
    })
    server.removeAllListeners('error')
    server.on('error', (error) => this.#options.logger.error({ event: 'http_failed', error }, 'HTTP server failed'))
    const { port } = server.address() as AddressInfo
    return urlOf(config.tls === null ? 'http' : 'https', { host: address.host, port })
  }

  /** Ends idle connections now and the others after a grace period or when `signal` aborts. Idempotent. */
  async close(signal: AbortSignal): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server?.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    const destroyAll = (): void => {
      for (const socket of this.#sockets) socket.destroy()
    }
    const grace = setTimeout(destroyAll, signal.aborted ? 0 : this.#limits.closeMs)
    signal.addEventListener('abort', destroyAll, { once: true })
    await closed
    clearTimeout(grace)
    signal.removeEventListener('abort', destroyAll)
  }

  #settings() {
    return {
      maxHeaderSize: this.#limits.headerBytes,
      // What is read ahead of an answer: no more than one request that is still allowed.
      highWaterMark: this.#limits.headerBytes,
      requestTimeout: this.#limits.requestMs,
      keepAliveTimeout: this.#limits.idleMs,
      connectionsCheckingInterval: this.#limits.checkMs,
    }
  }

  #createTlsServer({ options, policy }: NonNullable<WebConfig['tls']>): TlsServer {
    const server = createTlsServer({ ...this.#settings(), handshakeTimeout: this.#limits.requestMs, ...options })
    let inForce = options
    // Before the listener of the TLS server itself, which takes the context of the handshake.
    server.prependListener('connection', () => {
      const renewed = this.#options.webConfig().tls?.options
      if (renewed !== undefined && renewed !== inForce) server.setSecureContext(renewed)
      inForce = renewed ?? inForce
    })
    server.prependListener('secureConnection', (socket: TLSSocket) => {
      const renewed = this.#options.webConfig().tls?.policy
      // Whether a certificate is asked for was settled when the server was made.
      const fits = renewed?.client_auth_type === policy.client_auth_type
      if (!admitsClient(socket, fits ? renewed : policy)) socket.destroy()
    })
    server.on('tlsClientError', (_error, socket) => socket.destroy())
    return server
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  #respond(request: IncomingMessage, response: ServerResponse): void {
    // Also ends a client that asks and does not read the answer.
    const turnstile = request.socket as Duplex as Turnstile
    const deadline = setTimeout(() => response.destroy(), this.#limits.answerMs)
    response.once('close', () => {
      clearTimeout(deadline)
      if (this.#server === undefined) request.socket.destroySoon()
      else turnstile.next()
    })
    const isLast = this.#server === undefined || hasBody(request) || turnstile.ahead >= this.#limits.ahead
    if (isLast) response.shouldKeepAlive = false
    this.#options.answer(request, response).catch((error) => {
      this.#options.logger.error({ event: 'http_failed', error }, 'a request was left without an answer')
      response.destroy()
    })
  }
}

/** Puts a turnstile between each connection and the server. */
function takeTurns(server: Server, event: 'connection' | 'secureConnection', lingerMs: number): void {
  const serve = server.listeners(event).at(-1) as (connection: Duplex) => void
  server.removeListener(event, serve)
  server.on(event, (socket: Socket) => serve.call(server, new Turnstile(socket, lingerMs)))
}

/** A body is not read, so the connection cannot carry another request. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
