import { parseRfc3339Ms } from '../../io/rfc3339.ts'
import { ROWS_PER_SLICE, type Sliced } from '../../io/slices.ts'
import type { Stretch } from '../time/time-series.ts'

/** Bad places in a file of rows. */
export class TableError extends Error {
  /** Each with its line and column, which count from 1. */
  readonly places: readonly string[]

  constructor(places: readonly string[]) {
    const [first = '', ...others] = places
    super(others.length === 0 ? first : `${first} (and ${others.length} more)`)
    this.name = 'TableError'
    this.places = places
  }
}

export function badPlace(line: number, column: number, expected: string, received: string): TableError {
  return new TableError([`${line}:${column}: expected ${expected}, received ${JSON.stringify(received.slice(0, 60))}`])
}

/** The rows of a file in their order: an error in place of a bad row, null for an empty line. */
export type Rows<Row> = Generator<Row | TableError | null>

/** With more bad places it is the wrong file. */
const MOST_PLACES = 20

/** Takes every row. Throws a TableError with the bad places, if any: half a file is no data. */
export function* takeEach<Row>(rows: Rows<Row>, take: (row: Row) => void): Sliced<void> {
  const places: string[] = []
  let count = 0
  for (const row of rows) {
    if (row instanceof TableError) places.push(...row.places)
    else if (row !== null) take(row)
    if (places.length === MOST_PLACES) break
    count += 1
    if (count % ROWS_PER_SLICE === 0) yield
  }
  if (places.length > 0) throw new TableError(places)
}

/** One row, whatever form the file has. Fields count from 0, in the order of the header. */
export abstract class TableLine {
  /** The text of a field; empty if it is none. */
  abstract field(index: number): string
  /** The number in a field; NaN if it is none. */
  abstract number(index: number): number
  /** Throws a TableError that names where the field stands. */
  abstract fail(index: number, expected: string): never

  /** A start and, in the next field, an end. */
  stretch(index: number): Stretch {
    const startsUnixMs = parseRfc3339Ms(this.field(index))
    const endsUnixMs = parseRfc3339Ms(this.field(index + 1))
    if (Number.isNaN(startsUnixMs)) this.fail(index, 'an RFC 3339 time, such as 2026-01-31T12:00:00Z')
    if (Number.isNaN(endsUnixMs)) this.fail(index + 1, 'an RFC 3339 time, such as 2026-01-31T13:00:00Z')
    if (endsUnixMs <= startsUnixMs) this.fail(index + 1, 'an end after the start')
    return { startsUnixMs, endsUnixMs }
  }
}
