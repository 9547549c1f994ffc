import { parseRfc3339Ms } from './rfc3339.ts'
import type { Stretch } from './time-series.ts'

/** A place in a file of rows that is not as documented. Line and column count from 1. */
export class TableError extends Error {
  constructor(line: number, column: number, expected: string, received: string) {
    super(`${line}:${column}: expected ${expected}, received ${JSON.stringify(received.slice(0, 60))}`)
    this.name = 'TableError'
  }
}

/** One row, whatever form the file has. Fields count from 0, in the order of the header. */
export abstract class TableLine {
  /** The text of a field; empty for what is no text. */
  abstract field(index: number): string
  /** NaN for what is no number. */
  abstract number(index: number): number
  /** Throws a TableError that names where the field stands. */
  abstract fail(index: number, expected: string): never

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
