import { TableError, TableLine } from './table-line.ts'

/** Every line of a file, in its order. Throws a TableError for the first bad one: half a file is no data. */
export function parseCsv<Row>(text: string, header: string, parseLine: (line: TableLine) => Row): Row[] {
  const [first = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  if (first !== header) throw new TableError(1, 1, `the header ${header}`, first)
  const width = header.split(',').length
  return lines.flatMap((line, index) => (line === '' ? [] : [parseLine(new CsvLine(line, index + 2, width))]))
}

class CsvLine extends TableLine {
  readonly #fields: readonly string[]
  readonly #number: number

  constructor(text: string, number: number, width: number) {
    super()
    this.#fields = text.split(',')
    this.#number = number
    if (this.#fields.length !== width) this.fail(Math.min(this.#fields.length, width), `${width} fields`)
  }

  field(index: number): string {
    return this.#fields[index] ?? ''
  }

  fail(index: number, expected: string): never {
    const column = this.#fields.slice(0, index).join(',').length + (index === 0 ? 1 : 2)
    throw new TableError(this.#number, column, expected, this.field(index))
  }

  /** A decimal number without sign and exponent. */
  number(index: number): number {
    return /^\d+(?:\.\d+)?$/.test(this.field(index)) ? Number(this.field(index)) : Number.NaN
  }
}
