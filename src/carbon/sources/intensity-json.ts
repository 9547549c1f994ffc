import type { Period } from '../intensity-series.ts'
import { FIELDS, type Field, IntensityFileError, periodOf } from './intensity-row.ts'

interface Cell {
  readonly at: number
  readonly value: string | number
}

/**
 * Every object of an intensity file, in its order: an array of objects with the columns of the CSV file as keys. Throws an
 * IntensityFileError for the first bad place, which JSON.parse could not name.
 */
export function parseIntensityJson(text: string): Period[] {
  const reader = new JsonReader(text)
  const periods: Period[] = []
  for (const at of reader.items('[', ']')) {
    const cells = new Map<Field, Cell>()
    for (const keyAt of reader.items('{', '}')) {
      const key = reader.string()
      const field = FIELDS.find((name) => name === key)
      if (field === undefined) reader.refuse(keyAt, `one of the keys ${FIELDS.join(', ')}`)
      else if (cells.has(field)) reader.refuse(keyAt, `the key ${field} once`)
      reader.expect(':')
      if (field !== undefined) cells.set(field, reader.scalar())
    }
    periods.push(periodIn(cells, at, reader))
  }
  reader.expectEnd()
  return periods
}

function periodIn(cells: ReadonlyMap<Field, Cell>, at: number, reader: JsonReader): Period {
  const missing = FIELDS.find((field) => !cells.has(field))
  if (missing !== undefined) reader.refuse(at, `the key ${missing}`)
  const textOf = (field: Field): string => {
    const value = cells.get(field)?.value
    return typeof value === 'string' ? value : ''
  }
  const grams = cells.get('g_per_kwh')?.value
  const gPerKwh = typeof grams === 'number' ? grams : Number.NaN
  const row = { zone: textOf('zone'), start: textOf('start'), end: textOf('end'), gPerKwh, basis: textOf('basis') }
  return periodOf(row, (field, expected) => reader.refuse(cells.get(field)?.at ?? at, expected))
}

/** RFC 8259, as far as a list of flat objects needs it. Offsets lead to lines and columns. */
class JsonReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Yields where each item begins; whoever takes it reads the item before the next. */
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

  scalar(): Cell {
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

  refuse(at: number, expected: string): never {
    const before = this.#text.slice(0, at).split(/\r?\n/)
    const received = /^[^\r\n]*/.exec(this.#text.slice(at, at + 60))?.[0] ?? ''
    throw new IntensityFileError(before.length, (before.at(-1) ?? '').length + 1, expected, received)
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
