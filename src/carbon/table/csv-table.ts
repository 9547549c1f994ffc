import { badField, type CsvRecord, csvRecords } from './csv-record.ts'
import { badPlace, type Rows, TableError, TableLine } from './table-line.ts'

/** A CSV file whose columns are found by name, in any order and case; columns without a name are ignored. */
export class CsvTable {
  /** In lower case. */
  readonly columns: readonly string[]
  readonly #header: string
  readonly #records: Rows<CsvRecord>

  /** Throws a TableError for a bad header. */
  constructor(text: string) {
    this.#records = csvRecords(text)
    const first: CsvRecord | TableError | null = this.#records.next().value ?? null
    if (first instanceof TableError) throw first
    this.columns = (first?.fields ?? []).map((name) => name.trim().toLowerCase())
    this.#header = (first?.raw ?? []).join(',')
  }

  /** Throws a TableError for any other columns than these. */
  expect(header: string): readonly string[] {
    const [names, there] = [header.split(','), this.columns.filter((name) => name !== '')]
    const isSame = there.length === names.length && names.every((name) => there.includes(name))
    if (!isSame) throw badPlace(1, 1, `the header ${header}`, this.#header)
    return names
  }

  /** The lines behind the header. Fields have the order of `names`, each a name of a column. */
  *lines(names: readonly string[]): Rows<TableLine> {
    const width = this.columns.length
    const positions = names.map((name) => this.columns.indexOf(name))
    for (const record of this.#records) {
      if (record === null || record instanceof TableError) yield record
      else if (record.fields.length === width) yield new CsvLine(record, positions)
      else yield badField(record, Math.min(record.fields.length, width), `${width} fields`)
    }
  }
}

/** The rows of a CSV file with a header of its own. */
export function* csvRows<Row>(table: CsvTable, header: string, parseLine: (line: TableLine) => Row): Rows<Row> {
  for (const line of table.lines(table.expect(header))) {
    yield line === null || line instanceof TableError ? line : attempt(() => parseLine(line))
  }
}

/** The row of a line, or its TableError. */
export function attempt<Row>(parse: () => Row): Row | TableError {
  try {
    return parse()
  } catch (error) {
    if (error instanceof TableError) return error
    throw error
  }
}

class CsvLine extends TableLine {
  readonly #record: CsvRecord
  readonly #positions: readonly number[]

  constructor(record: CsvRecord, positions: readonly number[]) {
    super()
    this.#record = record
    this.#positions = positions
  }

  field(index: number): string {
    return this.#record.fields[this.#positions[index] ?? -1] ?? ''
  }

  fail(index: number, expected: string): never {
    throw badField(this.#record, this.#positions[index] ?? 0, expected)
  }

  /** A decimal number without sign and exponent. */
  number(index: number): number {
    return /^\d+(?:\.\d+)?$/.test(this.field(index)) ? Number(this.field(index)) : Number.NaN
  }
}
