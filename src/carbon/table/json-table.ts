import { JsonReader, type Scalar } from './json-reader.ts'
import { type Rows, TableLine } from './table-line.ts'

/**
 * The rows of a JSON array of objects whose keys are the columns of `header`. Throws a TableError at the first bad
 * place, since nothing after it can be trusted.
 */
export function* jsonRows<Row>(text: string, header: string, parseLine: (line: TableLine) => Row): Rows<Row> {
  const columns = header.split(',')
  const reader = new JsonReader(text.replace(/^\uFEFF/, ''))
  for (const at of reader.items('[', ']')) yield parseLine(new JsonLine(readObject(reader, columns, at), reader))
  reader.expectEnd()
}

/** The values in the order of the columns. */
function readObject(reader: JsonReader, columns: readonly string[], at: number): Scalar[] {
  const values = new Map<string, Scalar>()
  for (const keyAt of reader.items('{', '}')) {
    const key = reader.string()
    if (!columns.includes(key)) reader.refuse(keyAt, `one of the keys ${columns.join(', ')}`)
    if (values.has(key)) reader.refuse(keyAt, `the key ${key} once`)
    reader.expect(':')
    values.set(key, reader.scalar())
  }
  return columns.map((column) => values.get(column) ?? reader.refuse(at, `the key ${column}`))
}

class JsonLine extends TableLine {
  readonly #values: readonly Scalar[]
  readonly #reader: JsonReader

  constructor(values: readonly Scalar[], reader: JsonReader) {
    super()
    this.#values = values
    this.#reader = reader
  }

  field(index: number): string {
    const value = this.#values[index]?.value
    return typeof value === 'string' ? value : ''
  }

  number(index: number): number {
    const value = this.#values[index]?.value
    return typeof value === 'number' ? value : Number.NaN
  }

  fail(index: number, expected: string): never {
    return this.#reader.refuse(this.#values[index]?.at ?? 0, expected)
  }
}
