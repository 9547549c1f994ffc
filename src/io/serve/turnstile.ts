import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { RequestEnd } from './request-end.ts'

/** TLS encrypts at once all that it is given: of a large answer a connection holds so much twice, whatever the client reads. */
const MOST_BYTES_AT_ONCE = 1 << 16
/** Of what a client sends behind its last request that is answered. */
const MOST_BYTES_DISCARDED = 1 << 18

/** A preface that looks like a request and is none (RFC 9113, section 3.4): the parser has to see it whole. */
const HTTP2 = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

const NOTHING = Buffer.alloc(0)

type Done = (error?: Error | null) => void

interface TurnstileOptions {
  /** From the connection, or the first byte of a request behind another, to the end of the request. */
  readonly requestMs: number
  readonly lingerMs: number
  /** A request may have a body of so many. */
  readonly bodyBytes: number
  /** A request is not whole in its time. */
  readonly onLate: (turnstile: Turnstile) => void
}

/**
 * A connection that lets one request through and keeps the next ones, unread by the HTTP parser, until `next()` is called.
 * Node parses whatever a read brings, up to 64 KiB, and makes objects for each request in it: of a client that sends
 * without pause and reads nothing that is 7 MB per connection. What does not fit stays in the client's own socket.
 */
export class Turnstile extends Duplex {
  readonly socket: Socket
  readonly #options: TurnstileOptions
  readonly #requestEnd: RequestEnd
  #kept: Buffer = NOTHING
  #isTaken = false
  /** The parser has told of the request that has its turn. */
  #isTold = false
  #deadline: NodeJS.Timeout | undefined
  #ahead = 0
  #discarded = 0
  #hasEnded = false

  constructor(socket: Socket, options: TurnstileOptions) {
    super()
    this.socket = socket
    this.#options = options
    this.#requestEnd = new RequestEnd(options.bodyBytes)
    this.#await()
    socket.on('data', (bytes: Buffer) => this.#receive(bytes))
    socket.on('end', () => {
      this.#hasEnded = true
      if (this.writableFinished) this.destroy()
      else this.#pass()
    })
    socket.on('timeout', () => this.emit('timeout'))
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => this.destroy())
  }

  /** How many requests in a row, up to the one that has its turn, came before the answer to the one before them. */
  get ahead(): number {
    return this.#ahead
  }

  /** The parser has read the head of the request that has its turn. */
  told(): void {
    this.#isTold = true
    this.#awaitNoMore()
  }

  /** The answer is out. The next request has its turn after those of other connections. */
  next(): void {
    setImmediate(() => {
      this.#isTaken = false
      this.#isTold = false
      this.#ahead = this.#kept.length > 0 ? this.#ahead + 1 : 0
      this.#pass()
    })
  }

  setTimeout(timeoutMs: number): this {
    this.socket.setTimeout(timeoutMs)
    return this
  }

  /**
   * When all is written. A client that has sent more is given time to read: closing with bytes unread resets the connection,
   * and a reset takes the answer away from under the client's hands (RFC 9112, section 9.6).
   */
  destroySoon(): void {
    const hasMore = this.#kept.length > 0
    const leave = (): void => {
      if (!hasMore || this.#hasEnded) this.destroy()
      else setTimeout(() => this.destroy(), this.#options.lingerMs).unref()
    }
    this.#kept = NOTHING
    this.end()
    this.socket.resume()
    if (this.writableFinished) leave()
    else this.once('finish', leave)
  }

  override _read(): void {
    this.#pass()
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#send([bytes], done)
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: Done): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      done,
    )
  }

  override _final(done: Done): void {
    this.socket.end(done)
  }

  override _destroy(error: Error | null, done: Done): void {
    clearTimeout(this.#deadline)
    this.socket.destroy()
    done(error)
  }

  #receive(bytes: Buffer): void {
    if (this.writableEnded) {
      this.#discard(bytes)
      return
    }
    this.#kept = this.#kept.length === 0 ? bytes : Buffer.concat([this.#kept, bytes])
    this.#pass()
    if (this.#kept.length > 0) this.socket.pause()
  }

  /** A clock of its own while a request is not whole: Node looks at all connections every so often, whether there are any or not. */
  #await(): void {
    const { requestMs, onLate } = this.#options
    this.#deadline ??= setTimeout(() => onLate(this), requestMs)
  }

  /** Not before the parser sees the request too: what it does not take for whole is waited for no longer. */
  #awaitNoMore(): void {
    if (!this.#isTaken || !this.#isTold) return
    clearTimeout(this.#deadline)
    this.#deadline = undefined
  }

  /** Looks for the client's end, but not through all that one may send who never ends. */
  #discard(bytes: Buffer): void {
    this.#discarded += bytes.length
    if (this.#discarded > MOST_BYTES_DISCARDED) this.socket.pause()
  }

  #pass(): void {
    // A connection that is closing carries no further request.
    if (this.writableEnded) return
    while (!this.#isTaken && this.#kept.length > 0) {
      const isHttp2 = this.#kept.subarray(0, HTTP2.length).equals(HTTP2)
      const end = isHttp2 ? HTTP2.length : this.#requestEnd.find(this.#kept)
      const bytes = this.#kept.subarray(0, end ?? this.#kept.length)
      this.#kept = this.#kept.subarray(bytes.length)
      this.#isTaken = end !== null
      this.#await()
      this.push(bytes)
      this.#awaitNoMore()
    }
    if (this.#isTaken || this.#kept.length > 0) return
    if (this.#hasEnded) this.push(null)
    else this.socket.resume()
  }

  /** Header and body of a small answer leave together. */
  #send(chunks: readonly Buffer[], done: Done): void {
    const [now, later] = split(chunks, MOST_BYTES_AT_ONCE)
    const sent: Done = (error) => (error || later.length === 0 ? done(error) : this.#send(later, done))
    this.socket.cork()
    for (const [index, bytes] of now.entries()) this.socket.write(bytes, index === now.length - 1 ? sent : undefined)
    this.socket.uncork()
  }
}

/** The first `size` bytes and the others. Nothing is copied: an answer is shared by all who asked for it. */
function split(chunks: readonly Buffer[], size: number): [Buffer[], Buffer[]] {
  const [first, rest]: [Buffer[], Buffer[]] = [[], []]
  let left = size
  for (const bytes of chunks) {
    first.push(bytes.subarray(0, left))
    if (bytes.length > left) rest.push(bytes.subarray(left))
    left = Math.max(0, left - bytes.length)
  }
  return [first, rest]
}
