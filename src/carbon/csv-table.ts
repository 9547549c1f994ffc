import { parseRfc3339Ms } from './rfc3339.ts'
import type { Stretch } from './time-series.ts'

/** A line that is not what the header says. Line and column count from 1. */
export class CsvError extends Error {
  constructor(line: number, column: number, expected: string, received: string) {
    super(`${line}:${column}: expected ${expected}, received ${JSON.stringify(received.slice(0, 60))}`)
    this.name = 'CsvError'
  }
}

/** Every line of a file, in its order. Throws a CsvError for the first bad one: half a file is no data. */
export function parseCsv<Row>(text: string, header: string, parseLine: (line: CsvLine) => Row): Row[] {
  const [first = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  if (first !== header) throw new CsvError(1, 1, `the header ${header}`, first)
  const width = header.split(',').length
  return lines.flatMap((line, index) => (line === '' ? [] : [parseLine(new CsvLine(line, index + 2, width))]))
}

/** One line. Fields count from 0. */
export class CsvLine {
  readonly #fields: readonly string[]
  readonly #number: number

  constructor(text: string, number: number, width: number) {
    this.#fields = text.split(',')
    this.#number = number
    if (this.#fields.length !== width) this.fail(Math.min(this.#fields.length, width), `${width} fields`)
  }

  field(index: number): string {
    return this.#fields[index] ?? ''
  }

  fail(index: number, expected: string): never {
    const column = this.#fields.slice(0, index).join(',').length + (index === 0 ? 1 : 2)
    throw new CsvError(this.#number, column, expected, this.field(index))
  }

  /** A decimal number without sign and exponent; NaN for anything else. */
  number(index: number): number {
    return /^\d+(?:\.\d+)?$/.test(this.field(index)) ? Number(this.field(index)) : Number.NaN
  }

  /** A start and, in the next field, an end. */
  stretch(index: number): Stretch {
    const [startsUnixMs, endsUnixMs] = [index, index + 1].map((at) => parseRfc3339Ms(this.field(at))) as [
      number,
      number,
    ]
    if (Number.isNaN(startsUnixMs)) this.fail(index, 'an RFC 3339 time, such as 2026-01-31T12:00:00Z')
    if (Number.isNaN(endsUnixMs)) this.fail(index + 1, 'an RFC 3339 time, such as 2026-01-31T13:00:00Z')
    if (endsUnixMs <= startsUnixMs) this.fail(index + 1, 'an end after the start')
    return { startsUnixMs, endsUnixMs }
  }
}
