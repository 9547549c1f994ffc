import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { TLSSocket } from 'node:tls'

export const CERTIFICATES = join(import.meta.dirname, '../../exporter/tls-fixtures')

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
  /** The name of the certificate that it shows when it is asked to encrypt; null: it has none. */
  certificate: string | null = null
  readonly lines: string[] = []
  /** Those of them that were encrypted. */
  secretLines = 0
  connections = 0
  /** Questions that came while another was open. */
  overlaps = 0
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((socket) => {
    this.connections += 1
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    this.#serve(socket)
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

  #serve(socket: Socket): void {
    socket.on('error', () => {})
    const onData = (piece: Buffer): void => {
      const lines = piece.toString('latin1').split('\n').slice(0, -1)
      this.overlaps += lines.length - 1
      for (const line of lines) {
        this.lines.push(line)
        if (socket instanceof TLSSocket) this.secretLines += 1
        const answer = this.reply === null ? this.#answer(line) : this.reply(line)
        if (answer !== null) socket.write(answer)
        if (line !== 'STARTTLS' || this.certificate === null) continue
        socket.off('data', onData)
        const [cert, key] = ['crt', 'key'].map((end) => readFileSync(join(CERTIFICATES, `${this.certificate}.${end}`)))
        this.#serve(new TLSSocket(socket, { isServer: true, cert, key }))
      }
    }
    socket.on('data', onData)
  }

  #answer(line: string): string {
    if (line === 'STARTTLS') return this.certificate === null ? 'ERR FEATURE-NOT-CONFIGURED\n' : 'OK STARTTLS\n'
    const [, ups = '', variable = ''] = /^GET VAR (\S+) (\S+)$/.exec(line) ?? []
    const value = this.variables.get(`${ups} ${variable}`)
    if (value !== undefined) return `VAR ${ups} ${variable} "${value}"\n`
    return [...this.variables.keys()].some((key) => key.startsWith(`${ups} `))
      ? 'ERR VAR-NOT-SUPPORTED\n'
      : 'ERR UNKNOWN-UPS\n'
  }
}
