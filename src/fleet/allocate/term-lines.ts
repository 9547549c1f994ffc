import { CsvTable } from '../../carbon/table/csv-table.ts'
import { type Rows, TableError, TableLine } from '../../carbon/table/table-line.ts'
import { DAY_MS, floorTo, HOUR_MS } from '../../model/time.ts'
import { FleetFault } from '../fleet-fault.ts'
import { readInput } from '../read-input.ts'
import type { TermSource } from './plan-schema.ts'
import { columnsOf, TERMS, type TermName, type TermShape } from './terms.ts'

/** One series of an instant query's answer. */
export interface QuerySample {
  readonly labels: Readonly<Record<string, string>>
  /** As Prometheus writes numbers. */
  readonly value: string
}

/** Whoever asks Prometheus. Rejects where the answer is not whole. */
export interface InstantQueries {
  instant(query: string, unixMs: number): Promise<readonly QuerySample[]>
}

export interface TermSpan {
  readonly fromUnixMs: number
  readonly untilUnixMs: number
}

/** Lines of a term, with where they stand. */
export interface Batch {
  readonly where: string
  /** The share of the term that is read with it. */
  readonly done: number
  readonly lines: Rows<TableLine>
}

/** The lines of a term: a file's at once, a query's by the hour. Throws a FleetFault. */
export async function* batchesOf(
  name: TermName,
  { csv, promql }: TermSource,
  span: TermSpan,
  queries: InstantQueries,
): AsyncGenerator<Batch> {
  if (csv !== null) {
    yield { where: `${csv}:`, done: 1, lines: linesOfFile(name, csv) }
    return
  }
  const moments = [...momentsOf(TERMS[name].time, span)]
  for (const [index, moment] of moments.entries()) {
    const lines = await linesOfQueries(name, promql ?? {}, moment, queries)
    yield { where: `terms.${name}: `, done: (index + 1) / moments.length, lines: eachOf(lines) }
  }
}

function linesOfFile(name: TermName, path: string): Rows<TableLine> {
  return readInput(path, (text) => {
    const table = new CsvTable(text)
    return table.lines(table.expect(columnsOf(name).join(',')))
  })
}

/** A query is asked at the end of what its answer is of. */
interface Moment {
  readonly times: readonly string[]
  readonly atUnixMs: number
}

function* momentsOf(time: TermShape['time'], { fromUnixMs, untilUnixMs }: TermSpan): Generator<Moment> {
  if (time === 'whole') {
    yield { times: [], atUnixMs: untilUnixMs }
    return
  }
  const stepMs = time === 'day' ? DAY_MS : HOUR_MS
  for (let start = floorTo(stepMs, fromUnixMs); start < untilUnixMs; start += stepMs) {
    const end = start + stepMs
    yield { times: time === 'day' ? [utc(start).slice(0, 10)] : [utc(start), utc(end)], atUnixMs: end }
  }
}

/** One line for each combination of labels. What one of several queries does not know is zero. */
async function linesOfQueries(
  name: TermName,
  queriesByColumn: Readonly<Record<string, string>>,
  { times, atUnixMs }: Moment,
  queries: InstantQueries,
): Promise<QueryLine[]> {
  const { names, numbers }: TermShape = TERMS[name]
  const lines = new Map<string, { readonly labels: string[]; readonly values: Map<string, string> }>()
  for (const [column, query] of Object.entries(queriesByColumn)) {
    for (const { labels, value } of await answerTo(`terms.${name}.promql.${column}`, query, atUnixMs, queries)) {
      const own = names.map((label) => labels[label] ?? '')
      const key = JSON.stringify(own)
      const line = lines.get(key) ?? { labels: own, values: new Map<string, string>() }
      if (line.values.has(column)) throw twoSeries(name, column, names, own, atUnixMs)
      line.values.set(column, value)
      lines.set(key, line)
    }
  }
  const place = `at ${utc(atUnixMs)}`
  return [...lines.values()].map(
    ({ labels, values }) =>
      new QueryLine(place, columnsOf(name), [...times, ...labels, ...numbers.map((one) => values.get(one) ?? '0')]),
  )
}

/** Names the query in whatever is wrong with its answer. */
async function answerTo(key: string, query: string, atUnixMs: number, queries: InstantQueries) {
  try {
    return await queries.instant(query, atUnixMs)
  } catch (cause) {
    if (!(cause instanceof FleetFault)) throw cause
    throw new FleetFault(cause.code, `${key}: ${cause.message}`, { cause })
  }
}

function twoSeries(name: string, column: string, labels: readonly string[], own: readonly string[], unixMs: number) {
  const which = labels.map((label, at) => `${label}=${JSON.stringify(own[at])}`).join(', ')
  return new FleetFault(
    'FLEET_FILE',
    `terms.${name}.promql.${column}: expected one series of ${which} at ${utc(unixMs)}, received more: add them up with sum by (${labels.join(', ')})`,
  )
}

class QueryLine extends TableLine {
  readonly #place: string
  readonly #columns: readonly string[]
  readonly #fields: readonly string[]

  constructor(place: string, columns: readonly string[], fields: readonly string[]) {
    super()
    this.#place = place
    this.#columns = columns
    this.#fields = fields
  }

  field(index: number): string {
    return this.#fields[index] ?? ''
  }

  number(index: number): number {
    return Number(this.field(index))
  }

  fail(index: number, expected: string): never {
    const received = JSON.stringify(this.field(index).slice(0, 60))
    throw new TableError([`${this.#columns[index]} ${this.#place}: expected ${expected}, received ${received}`])
  }
}

function* eachOf(lines: readonly TableLine[]): Rows<TableLine> {
  yield* lines
}

function utc(unixMs: number): string {
  return `${new Date(unixMs).toISOString().slice(0, 19)}Z`
}
