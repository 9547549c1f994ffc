import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { KeyFile } from '../io/key-file.ts'
import { GuardedServer, socketOf } from '../io/serve/guarded-server.ts'
import { LONGEST_URL } from '../io/serve/http-limits.ts'
import { type Reply, sendReply } from '../io/serve/reply.ts'
import type { Component } from '../model/lifecycle.ts'
import type { Logger } from '../model/logger.ts'
import { type Caller, callerOf, type Owner, type PeerCredentials, TOKEN_HOLDER } from './access.ts'
import { type Api, refusal } from './api.ts'
import type { Rates } from './rates.ts'
import { MOST_BODY_BYTES } from './requests.ts'
import { listenError, listenOnSocket } from './socket-listener.ts'

// As the exporter's server: an import of node:http would load undici.
const { createServer } = process.getBuiltinModule('node:http')

export interface WindowServerOptions {
  readonly api: Api
  readonly rates: Rates
  /** Null: no socket. */
  readonly socket: string | null
  /** That the socket cannot be had is no reason not to start. */
  readonly isSocketOptional: boolean
  readonly listen: string | null
  readonly tokenFile: string | null
  /** Takes up the windows of an earlier run. */
  readonly restore: () => void
  /** Writes what waits. */
  readonly finish: () => void
  readonly peerOf: (descriptor: number) => PeerCredentials
  readonly owner: Owner
  readonly logger: Logger
}

type Identify = (request: IncomingMessage) => Caller | Reply

/** Serves measured windows to the machine's own users, over a unix socket and, where that is wished, on loopback. */
export class WindowServer implements Component {
  readonly name = 'windows'
  readonly #options: WindowServerOptions
  readonly #token: KeyFile
  #servers: GuardedServer[] = []
  #isServing = false

  constructor(options: WindowServerOptions) {
    this.#options = options
    this.#token = new KeyFile(options.tokenFile, options.logger)
  }

  /** Rejects with a WindowsError. */
  async start(signal: AbortSignal): Promise<void> {
    const { socket, listen, restore } = this.#options
    signal.throwIfAborted()
    restore()
    this.#isServing = true
    if (socket !== null) await this.#serveSocket(socket)
    if (listen !== null) await this.#serveLoopback(listen)
  }

  async stop(signal: AbortSignal): Promise<void> {
    const servers = this.#servers
    this.#servers = []
    // Who waits is answered before the connections are closed.
    if (this.#isServing) this.#options.finish()
    this.#isServing = false
    await Promise.all(servers.map((server) => server.close(signal)))
  }

  async #serveSocket(path: string): Promise<void> {
    const { isSocketOptional, logger } = this.#options
    const server = this.#guarded(
      (request) => this.#peerOf(request),
      (socket) => this.#uidOf(socket),
    )
    try {
      await listenOnSocket(server, () => createServer(server.settings()), path)
      logger.info({ event: 'windows_listening', path }, `measured windows: ${path}`)
    } catch (error) {
      if (!isSocketOptional) throw error
      logger.warn({ event: 'windows_unavailable', path }, (error as Error).message)
    }
  }

  async #serveLoopback(address: string): Promise<void> {
    const server = this.#guarded((request) => this.#tokenOf(request))
    const [, host = '', port = ''] = /^\[?([^\]]*)\]?:(\d+)$/.exec(address) ?? []
    try {
      await server.listen(createServer(server.settings()), { host, port: Number(port) })
    } catch (cause) {
      throw listenError(`windows.listen: ${address}`, cause)
    }
    this.#options.logger.info({ event: 'windows_listening', address }, `measured windows: ${address}`)
  }

  #guarded(identify: Identify, clientOf?: (socket: Socket) => number | undefined): GuardedServer {
    const server = new GuardedServer({
      answer: (request, response) => this.#answer(request, response, identify),
      logger: this.#options.logger,
      limits: { bodyBytes: MOST_BODY_BYTES },
      ...(clientOf && { clientOf }),
      allow: 'GET, HEAD, POST',
    })
    this.#servers.push(server)
    return server
  }

  /** Writes the whole response. Never rejects. */
  async #answer(request: IncomingMessage, response: ServerResponse, identify: Identify): Promise<void> {
    try {
      sendReply(request, response, await this.#reply(request, identify), {})
    } catch (error) {
      // A client that has gone is no failure of ours.
      if (request.destroyed && !request.complete) return
      this.#options.logger.error({ event: 'request_failed', url: request.url, error }, 'request failed')
      if (response.headersSent) response.destroy()
      else sendReply(request, response, refusal(500, 'the agent failed: its log tells why'), {})
    }
  }

  async #reply(request: IncomingMessage, identify: Identify): Promise<Reply> {
    const { method = '', url = '', headers } = request
    if (url.length > LONGEST_URL) return refusal(414, 'the URL is too long', { Connection: 'close' })
    if (headers['transfer-encoding'] !== undefined) {
      return refusal(411, 'a body needs a Content-Length', { Connection: 'close' })
    }
    if (Number(headers['content-length'] ?? 0) > MOST_BODY_BYTES) {
      return refusal(413, `a body has at most ${MOST_BODY_BYTES} bytes`, { Connection: 'close' })
    }
    if (!URL.canParse(url, 'http://localhost')) return refusal(400, 'the URL cannot be read', { Connection: 'close' })
    const caller = identify(request)
    if ('status' in caller) return caller
    if (!this.#options.rates.isWithin(caller.uid)) return refusal(429, 'too many requests', { 'Retry-After': '1' })
    return this.#options.api.reply({
      method,
      url: new URL(url, 'http://localhost'),
      body: await bodyOf(request),
      caller,
    })
  }

  #peerOf(request: IncomingMessage): Caller | Reply {
    const peer = this.#credentialsOf(socketOf(request))
    return peer === null ? refusal(400, 'the connection is closed') : callerOf(peer, this.#options.owner)
  }

  /** Of whoever cannot be told nothing is known, and the server goes on. */
  #uidOf(socket: Socket): number | undefined {
    try {
      return this.#credentialsOf(socket)?.uid
    } catch {
      return undefined
    }
  }

  /** Null once it has gone, and nobody reads an answer. */
  #credentialsOf(socket: Socket): PeerCredentials | null {
    const { _handle: handle } = socket as unknown as { readonly _handle: { readonly fd: number } | null }
    return handle === null || handle.fd < 0 ? null : this.#options.peerOf(handle.fd)
  }

  #tokenOf({ headers }: IncomingMessage): Caller | Reply {
    const shown = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? ''
    let token: string
    try {
      token = this.#token.read()
    } catch (error) {
      return refusal(503, (error as Error).message)
    }
    if (token !== '' && timingSafeEqual(digestOf(shown), digestOf(token))) return TOKEN_HOLDER
    return refusal(401, 'expected the token of windows.token_file as Authorization: Bearer TOKEN', {
      'WWW-Authenticate': 'Bearer',
    })
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
