import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** Speaks upsd's protocol, and says what it is told to. */
export class Upsd {
  /** `ups.realpower` of `rack` is `rack ups.realpower`. */
  readonly variables = new Map([
    ['rack ups.realpower', '312'],
    ['rack ups.power', '340'],
    ['rack device.mfr', 'EATON'],
    ['rack outlet.1.realpower', '101.5'],
  ])
  /** Answers in place of the variables; null: says nothing. */
  reply: ((line: string) => string | null) | null = null
  readonly lines: string[] = []
  connections = 0
  /** Questions that came while another was open. */
  overlaps = 0
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((socket) => {
    this.connections += 1
    this.#sockets.add(socket)
    socket.setEncoding('latin1').on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('data', (piece) => {
      const lines = String(piece).split('\n').slice(0, -1)
      this.overlaps += lines.length - 1
      for (const line of lines) {
        this.lines.push(line)
        const answer = this.reply === null ? this.#answer(line) : this.reply(line)
        if (answer !== null) socket.write(answer)
      }
    })
  })

  static async start(t: Pick<TestContext, 'after'>): Promise<Upsd> {
    const upsd = new Upsd()
    upsd.#server.listen(0, '127.0.0.1')
    await once(upsd.#server, 'listening')
    t.after(() => upsd.vanish())
    return upsd
  }

  get server(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Breaks off its connections, as when it is started anew. */
  async restart(): Promise<void> {
    const closed = [...this.#sockets].map((socket) => once(socket, 'close'))
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(closed)
  }

  vanish(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #answer(line: string): string {
    const [, ups = '', variable = ''] = /^GET VAR (\S+) (\S+)$/.exec(line) ?? []
    const value = this.variables.get(`${ups} ${variable}`)
    if (value !== undefined) return `VAR ${ups} ${variable} "${value}"\n`
    return [...this.variables.keys()].some((key) => key.startsWith(`${ups} `))
      ? 'ERR VAR-NOT-SUPPORTED\n'
      : 'ERR UNKNOWN-UPS\n'
  }
}
