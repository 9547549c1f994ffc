import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { GuardedServer } from '../io/serve/guarded-server.ts'
import type { HttpLimits } from '../io/serve/http-limits.ts'
import type { Logger } from '../model/logger.ts'
import { type ListenAddress, listenError, urlOf } from './listen-address.ts'
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

/** The exporter's server: guarded, and with TLS if the web configuration has it. */
export class HttpServer {
  readonly #options: HttpServerOptions
  readonly #guarded: GuardedServer

  constructor(options: HttpServerOptions) {
    this.#options = options
    this.#guarded = new GuardedServer({ ...options, allow: 'GET, HEAD' })
  }

  /** Resolves to the URL to open. Rejects with LISTEN_FAILED. */
  async listen(address: ListenAddress): Promise<string> {
    const { tls } = this.#options.webConfig()
    const server = tls === null ? createServer(this.#guarded.settings()) : this.#createTlsServer(tls)
    const at = { port: address.port, ...(address.host === null ? {} : { host: address.host }) }
    try {
      await this.#guarded.listen(server, at, tls === null ? 'connection' : 'secureConnection')
    } catch (cause) {
      throw listenError(address, cause as Error)
    }
    const { port } = server.address() as AddressInfo
    return urlOf(tls === null ? 'http' : 'https', { host: address.host, port })
  }

  /** Ends idle connections now and the others after a grace period or when `signal` aborts. Idempotent. */
  close(signal: AbortSignal): Promise<void> {
    return this.#guarded.close(signal)
  }

  #createTlsServer({ options, policy }: NonNullable<WebConfig['tls']>): TlsServer {
    const settings = this.#guarded.settings()
    // Three megabytes that only whoever has TLS pays for.
    const { createServer } = process.getBuiltinModule('node:https')
    const server = createServer({ ...settings, handshakeTimeout: this.#guarded.limits.requestMs, ...options })
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
}
