import { badPlace } from './table-line.ts'

/** A text or a number, and the offset at which it stands. */
export interface Scalar {
  readonly at: number
  readonly value: string | number
}

/** RFC 8259, as far as a list of flat objects needs it. Unlike JSON.parse it can name the place of what is wrong. */
export class JsonReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Yields where each item begins. The caller reads the item before it asks for the next. */
  *items(open: string, close: string): Generator<number> {
    this.expect(open)
    if (this.#skips(close)) return
    do {
      this.#skipSpace()
      yield this.#at
    } while (this.#skips(','))
    this.expect(close)
  }

  string(): string {
    return JSON.parse(this.#token(/"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy, 'text in quotes'))
  }

  scalar(): Scalar {
    this.#skipSpace()
    const at = this.#at
    if (this.#text[at] === '"') return { at, value: this.string() }
    const number = this.#token(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y, 'text in quotes or a number')
    return { at, value: Number(number) }
  }

  expect(sign: string): void {
    if (!this.#skips(sign)) this.refuse(this.#at, sign)
  }

  expectEnd(): void {
    this.#skipSpace()
    if (this.#at < this.#text.length) this.refuse(this.#at, 'nothing more')
  }

  /** Throws a TableError. */
  refuse(at: number, expected: string): never {
    const before = this.#text.slice(0, at).split(/\r?\n/)
    const received = /^[^\r\n]*/.exec(this.#text.slice(at, at + 60))?.[0] ?? ''
    throw badPlace(before.length, (before.at(-1) ?? '').length + 1, expected, received)
  }

  #skips(sign: string): boolean {
    this.#skipSpace()
    if (this.#text[this.#at] !== sign) return false
    this.#at += 1
    return true
  }

  #skipSpace(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? '-')) this.#at += 1
  }

  #token(form: RegExp, expected: string): string {
    this.#skipSpace()
    form.lastIndex = this.#at
    const token = form.exec(this.#text)?.[0] ?? this.refuse(this.#at, expected)
    this.#at += token.length
    return token
  }
}
