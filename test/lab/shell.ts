import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface, type Interface } from 'node:readline'

interface Answer {
  readonly status: number
  readonly output: string
}

/** The guest's root shell behind a serial port: see guest/root/usr/local/lib/lab/shell. One command at a time. */
export class GuestShell {
  readonly #socket: Socket
  readonly #lines: Interface
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>()
  #last = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#lines = createInterface(socket)
    this.#lines.on('line', (line) => this.#accept(line))
    socket.on('error', () => {})
    socket.on('close', () => this.#end())
  }

  static async connect(path: string): Promise<GuestShell> {
    const socket = connect(path)
    await once(socket, 'connect')
    return new GuestShell(socket)
  }

  /** What a command of bash prints. It is held back until the guest has a shell, so that nobody must ask when. */
  async run(command: string, patienceMs: number): Promise<string> {
    const { status, output } = await this.#ask(command, patienceMs)
    if (status !== 0) throw new Error(`exit status ${status} of ${command}\n${output}`)
    return output
  }

  close(): void {
    this.#socket.destroy()
  }

  async #ask(command: string, patienceMs: number): Promise<Answer> {
    const id = ++this.#last
    const answer = Promise.withResolvers<Answer>()
    this.#waiting.set(id, answer)
    const timer = setTimeout(() => answer.reject(new Error(`no end within ${patienceMs} ms of ${command}`)), patienceMs)
    this.#socket.write(`${id} ${Buffer.from(command).toString('base64')}\n`)
    try {
      return await answer.promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(id)
    }
  }

  #accept(line: string): void {
    const [id, status, output = ''] = line.split(' ')
    const text = Buffer.from(output, 'base64').toString('utf8').trim()
    this.#waiting.get(Number(id))?.resolve({ status: Number(status), output: text })
  }

  #end(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error('the guest is gone'))
  }
}
