const LF = 0x0a
const CR = 0x0d

/**
 * Finds where the head of a request ends, in bytes that come in pieces: behind the first empty line that is not in front of
 * it (RFC 9112, section 2.2). A bare line feed counts too, so that this never sees an end later than the parser does.
 */
export class RequestEnd {
  #hasBegun = false
  #isLineEmpty = true

  /** The index behind the end; null when all of `bytes` belongs to a request that goes on. */
  find(bytes: Buffer): number | null {
    for (const [index, byte] of bytes.entries()) {
      if (byte === LF) {
        const isEnd = this.#hasBegun && this.#isLineEmpty
        this.#isLineEmpty = true
        if (!isEnd) continue
        this.#hasBegun = false
        return index + 1
      }
      if (byte === CR) continue
      this.#hasBegun = true
      this.#isLineEmpty = false
    }
    return null
  }
}
