const LF = 0x0a
const CR = 0x0d

/** As long as any line that tells a length, and room for spaces. */
const LONGEST_LENGTH_LINE = 64
const LENGTH = /^content-length[ \t]*:[ \t]*(\d{1,9})[ \t]*$/i

/**
 * Finds where a request ends, in bytes that come in pieces. Its head ends behind the first empty line that is not in front of
 * it (RFC 9112, section 2.2). A bare line feed counts too, so that this never sees an end later than the parser does. A body
 * belongs to its request as far as the head tells its length and `mostBodyBytes` allows; all else is not read.
 */
export class RequestEnd {
  readonly #mostBodyBytes: number
  #hasBegun = false
  #isLineEmpty = true
  #line = ''
  #bodyBytes = 0
  #bodyLeft = 0

  constructor(mostBodyBytes = 0) {
    this.#mostBodyBytes = mostBodyBytes
  }

  /** The index behind the end; null when all of `bytes` belongs to a request that goes on. */
  find(bytes: Buffer): number | null {
    if (this.#bodyLeft > 0) return this.#passBody(bytes, 0)
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index] ?? 0
      if (byte === LF) {
        const isEnd = this.#hasBegun && this.#isLineEmpty
        this.#endLine()
        if (!isEnd) continue
        this.#hasBegun = false
        this.#bodyLeft = this.#bodyBytes
        this.#bodyBytes = 0
        return this.#passBody(bytes, index + 1)
      }
      if (byte === CR) continue
      this.#hasBegun = true
      this.#isLineEmpty = false
      if (this.#mostBodyBytes > 0 && this.#line.length < LONGEST_LENGTH_LINE) this.#line += String.fromCharCode(byte)
    }
    return null
  }

  #endLine(): void {
    const length = Number(LENGTH.exec(this.#line)?.[1] ?? 0)
    if (length > 0 && length <= this.#mostBodyBytes) this.#bodyBytes = length
    this.#line = ''
    this.#isLineEmpty = true
  }

  #passBody(bytes: Buffer, from: number): number | null {
    const passed = Math.min(this.#bodyLeft, bytes.length - from)
    this.#bodyLeft -= passed
    return this.#bodyLeft === 0 ? from + passed : null
  }
}
