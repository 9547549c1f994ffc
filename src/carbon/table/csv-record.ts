import { badPlace, type Rows, type TableError } from './table-line.ts'

/** One record of a CSV file. */
export interface CsvRecord {
  /** Where it begins, from 1. */
  readonly line: number
  readonly fields: readonly string[]
  /** The fields as they stand in the file, quotes included. */
  readonly raw: readonly string[]
}

/** RFC 4180, with line ends of both kinds: every record of a text in its order; null for an empty line. */
export function* csvRecords(text: string): Rows<CsvRecord> {
  let [at, line] = [text.startsWith('\uFEFF') ? 1 : 0, 1]
  while (at < text.length) {
    const end = endOfLine(text, at)
    const whole = text.slice(at, text[end - 1] === '\r' ? end - 1 : end)
    if (whole.includes('"')) {
      const quoted = new QuotedRecord(text, at, line)
      yield quoted.read()
      at = quoted.endsAt
      line = quoted.endsLine
    } else {
      const fields = whole.split(',')
      yield whole === '' ? null : { line, fields, raw: fields }
      at = end + 1
      line += 1
    }
  }
}

/** An error at a field of a record. */
export function badField({ line, raw }: CsvRecord, index: number, expected: string): TableError {
  const before = raw.slice(0, index).join(',') + (index === 0 ? '' : ',')
  const lines = before.split('\n')
  return badPlace(line + lines.length - 1, (lines.at(-1) ?? '').length + 1, expected, raw[index] ?? '')
}

/** A record with quotes, in which commas and line ends stand for themselves. */
class QuotedRecord {
  readonly #text: string
  readonly #line: number
  readonly #from: number
  #at: number

  constructor(text: string, at: number, line: number) {
    this.#text = text
    this.#from = at
    this.#at = at
    this.#line = line
  }

  read(): CsvRecord | TableError {
    const [fields, raw]: [string[], string[]] = [[], []]
    for (;;) {
      const from = this.#at
      const field = this.#text[from] === '"' ? this.#quoted() : this.#bare()
      raw.push(this.#text.slice(from, this.#at))
      if (field === null) return this.#refused(raw, 'a closing quote')
      fields.push(field)
      if (this.#text[this.#at] !== ',') break
      this.#at += 1
    }
    const isEnd = this.#at === this.#text.length || /^\r?\n/.test(this.#text.slice(this.#at, this.#at + 2))
    return isEnd ? { line: this.#line, fields, raw } : this.#refused(raw, 'a field that is quoted as a whole')
  }

  /** Where the next record begins: after a bad record, at the next line. */
  get endsAt(): number {
    return endOfLine(this.#text, this.#at) + 1
  }

  get endsLine(): number {
    return this.#line + this.#text.slice(this.#from, this.endsAt - 1).split('\n').length
  }

  /** Null when the closing quote is missing. */
  #quoted(): string | null {
    const from = this.#at + 1
    let end = this.#text.indexOf('"', from)
    while (end >= 0 && this.#text[end + 1] === '"') end = this.#text.indexOf('"', end + 2)
    this.#at = end < 0 ? this.#text.length : end + 1
    return end < 0 ? null : this.#text.slice(from, end).replaceAll('""', '"')
  }

  #bare(): string {
    const form = /[^",\r\n]*/y
    form.lastIndex = this.#at
    const field = form.exec(this.#text)?.[0] ?? ''
    this.#at += field.length
    return field
  }

  #refused(raw: readonly string[], expected: string): TableError {
    return badField({ line: this.#line, fields: raw, raw }, raw.length - 1, expected)
  }
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}
