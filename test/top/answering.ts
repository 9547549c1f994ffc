import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { Moment, Past } from '../../src/top/moment.ts'
import { MACHINES } from './machines.ts'

/** Something that answers as an agent does, and can go away and come back. */
export class Answering {
  moment: Moment = MACHINES.usual
  past: Past | null = null
  #server: Server | null = null
  #port = 0

  async start(t: TestContext): Promise<string> {
    const server = createServer((request, response) => {
      const answer = request.url === '/api/v1/now' ? this.moment : this.past
      response.writeHead(answer === null ? 503 : 200, { connection: 'close' })
      response.end(JSON.stringify(answer))
    })
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
    t.after(() => void server.close())
    return `http://127.0.0.1:${this.#port}`
  }

  async stop(): Promise<void> {
    const server = this.#server
    if (server === null) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
}
