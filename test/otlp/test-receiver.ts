import { EventEmitter, once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { fixture } from '../exporter/secured.ts'
import { type DecodedRequest, decodeRequest } from './protobuf.ts'

export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** Nothing is answered: at all, or after the head. */
  readonly hangs?: 'at once' | 'after the head'
}

export interface Pushed {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly sent: DecodedRequest
}

/** A receiver on the loopback that keeps what it takes, and answers as it is told; ends with the test. */
export class TestReceiver {
  readonly pushed: Pushed[] = []
  answer: Answer = {}
  readonly #came = new EventEmitter()
  url = ''

  /** @param isSecured TLS, which asks for a certificate of our authority */
  static async start(t: TestContext, isSecured = false): Promise<TestReceiver> {
    const receiver = new TestReceiver()
    const take: RequestListener = async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const body = Buffer.concat(chunks)
      const { headers, url: path = '' } = request
      const isPacked = headers['content-encoding'] === 'gzip'
      receiver.pushed.push({ path, headers, sent: decodeRequest(isPacked ? gunzipSync(body) : body) })
      receiver.#came.emit('push')
      const { status = 200, headers: told = {}, body: said = '', hangs } = receiver.answer
      if (hangs === 'at once') return
      response.writeHead(status, told)
      if (hangs === 'after the head') return void response.flushHeaders()
      response.end(said)
    }
    const tls = {
      cert: readFileSync(fixture('server.crt')),
      key: readFileSync(fixture('server.key')),
      ca: readFileSync(fixture('ca.crt')),
      requestCert: true,
    }
    const server = isSecured ? createTlsServer(tls, take) : createServer(take)
    server.on('tlsClientError', () => {})
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => {
      server.closeAllConnections()
      server.close()
    })
    receiver.url = `${isSecured ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`
    return receiver
  }

  /** A push, past or future, that fits. */
  async until(fits: (push: Pushed) => boolean): Promise<Pushed> {
    for (;;) {
      const found = this.pushed.find(fits)
      if (found !== undefined) return found
      await once(this.#came, 'push')
    }
  }

  /** Of the newest push. */
  get newest(): Pushed {
    const newest = this.pushed.at(-1)
    if (newest === undefined) throw new Error('nothing was pushed')
    return newest
  }
}
