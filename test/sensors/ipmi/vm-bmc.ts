import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'

/** Data behind the completion code, the code alone as a number, or null for silence. */
export type Answer = readonly number[] | number | null
/** The frames that go out in place of the sound one. */
export type Mangle = (frame: Buffer, request: VmRequest) => readonly Buffer[]

export interface VmRequest {
  readonly seq: number
  readonly netfn: number
  readonly cmd: number
  readonly data: readonly number[]
}

const SYSTEM_INTERFACE_LUN = 0
const BMC = { manufacturer: 674, product: 0x0100 }

/**
 * A BMC that speaks OpenIPMI's VM codec over TCP, written from the codec's description and apart from the client under
 * test. Answers are those of captured exchanges unless a test changes them; what it does not know it refuses with C1.
 */
export class VmBmc implements AsyncDisposable {
  readonly requests: VmRequest[] = []
  readonly answers = new Map<string, (data: readonly number[]) => Answer>()
  mangle: Mangle = (frame) => [frame]
  #server: Server | null = null
  #port = 0
  #socket: Socket | null = null

  static async start(): Promise<VmBmc> {
    const bmc = new VmBmc()
    bmc.identify(BMC.manufacturer)
    bmc.say('2c/02', powerReading(321))
    await bmc.listen()
    return bmc
  }

  get url(): string {
    return `vm://127.0.0.1:${this.#port}`
  }

  say(command: string, answer: Answer): void {
    this.answers.set(command, () => answer)
  }

  identify(manufacturer: number): void {
    const iana = [manufacturer & 0xff, (manufacturer >> 8) & 0xff, manufacturer >> 16]
    this.say('06/01', [0x20, 0x01, 0x05, 0x61, 0x02, 0xdf, ...iana, BMC.product & 0xff, BMC.product >> 8])
  }

  /** Serves a repository of these records, whose stamp is `stamp`, and readings by sensor number. */
  keep(records: readonly Buffer[], readings: Readonly<Record<number, Answer>>, stamp = 1): void {
    this.say('0a/20', [0x51, records.length, 0, 0xff, 0xff, stamp, 0, 0, 0, 0, 0, 0, 0, 0x02])
    this.say('0a/22', [stamp, 0])
    this.answers.set('0a/23', ([, , id = 0, , offset = 0, length = 0]) => {
      const record = records[id]
      if (record === undefined) return 0xcb
      const next = id + 1 < records.length ? [id + 1, 0] : [0xff, 0xff]
      return [...next, ...record.subarray(offset, offset + length)]
    })
    this.answers.set('04/2d', ([number = 0]) => readings[number] ?? 0xcb)
  }

  count(command: string): number {
    return this.requests.filter((request) => nameOf(request) === command).length
  }

  /** Resolves when `command` was asked for `times` times in all. */
  async asked(command: string, times: number, signal: AbortSignal): Promise<void> {
    while (this.count(command) < times) await setTimeout(2, undefined, { signal })
  }

  async listen(): Promise<void> {
    // One client at a time, as ipmi_sim does: the interface serves one user.
    this.#server = createServer((socket) => {
      if (this.#socket !== null && !this.#socket.destroyed) socket.destroy()
      else this.#serve(socket)
    }).listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Refuses connections from now on and drops the present one. */
  async vanish(): Promise<void> {
    this.#socket?.destroy()
    const server = this.#server
    this.#server = null
    if (server === null) return
    server.close()
    await once(server, 'close')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.vanish()
  }

  #serve(socket: Socket): void {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('end', () => {
      if (this.#socket === socket) this.#socket = null
    })
    // The BMC greets with its version and that nothing waits for attention.
    socket.write(Buffer.from([0xff, 0x01, 0xa1, 0x00, 0xa1]))
    let pending: number[] = []
    socket.on('data', (chunk) => {
      for (const byte of chunk) {
        if (byte === 0xa0) this.#answer(socket, pending)
        if (byte === 0xa0 || byte === 0xa1) pending = []
        else pending.push(byte)
      }
    })
  }

  #answer(socket: Socket, escaped: readonly number[]): void {
    const [seq = 0, netfnLun = 0, cmd = 0, ...rest] = unescaped(escaped)
    const request = { seq, netfn: netfnLun >> 2, cmd, data: rest.slice(0, -1) }
    this.requests.push(request)
    const handler = this.answers.get(nameOf(request))
    const answer = handler === undefined ? 0xc1 : handler(request.data)
    if (answer === null) return
    const frame = vmFrame(request, typeof answer === 'number' ? [answer] : [0x00, ...answer])
    for (const part of this.mangle(frame, request)) socket.write(part)
  }
}

/** The response frame to a request, or to what it is changed to. */
export function vmFrame({ seq, netfn, cmd }: Omit<VmRequest, 'data'>, response: readonly number[]): Buffer {
  const plain = [seq, ((netfn | 1) << 2) | SYSTEM_INTERFACE_LUN, cmd, ...response]
  const sum = plain.reduce((total, byte) => total + byte, 0)
  const escaped = [...plain, -sum & 0xff].flatMap((byte) =>
    [0xa0, 0xa1, 0xaa].includes(byte) ? [0xaa, byte + 0x10] : byte,
  )
  return Buffer.from([...escaped, 0xa0])
}

/** DCMI's answer as ipmi_sim gave it: extremes, average, time stamp and a period of 1000 ms. */
export function powerReading(watts: number, state = 0x40, { least = 271, most = 421 } = {}): number[] {
  const fields = [watts, least, most, 316].flatMap((field) => [field & 0xff, field >> 8])
  return [0xdc, ...fields, 0, 0, 0, 0, 0xe8, 0x03, 0, 0, state]
}

function unescaped(bytes: readonly number[]): number[] {
  const plain: number[] = []
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    plain.push(byte === 0xaa ? (bytes[++at] ?? 0) - 0x10 : byte)
  }
  return plain
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0')
const nameOf = ({ netfn, cmd }: VmRequest): string => `${hex(netfn)}/${hex(cmd)}`
