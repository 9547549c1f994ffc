import { columnsOf } from '../../src/top/text.ts'

export interface Cell {
  readonly letter: string
  /** Parameters of SGR; empty for none. */
  readonly sgr: string
}

const BLANK: Cell = { letter: ' ', sgr: '' }

/** As much of a terminal as `top` asks for. What it does not know fails. */
export class TerminalScreen {
  columns: number
  rows: number
  isAlternate = false
  hasCursor = true
  wraps = true
  /** What was written on the screen of the shell. */
  shell = ''
  /** As it is painted, and as it is looked at: the last whole frame. */
  #cells: Cell[][] = []
  #whole: readonly Cell[][] = []
  #isFrame = false
  #row = 0
  #column = 0
  #sgr = ''
  #unread = ''

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
  }

  resize(columns: number, rows: number): void {
    this.columns = columns
    this.rows = rows
    const cut = (cells: readonly Cell[][]) => cells.slice(0, rows).map((row) => row.slice(0, columns))
    this.#cells = cut(this.#cells)
    this.#whole = cut(this.#whole)
  }

  write(text: string): void {
    const all = this.#unread + text
    // A sequence whose end is in the next piece of the output.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what programs send to terminals
    this.#unread = /\u001b(\[[?0-9;]*)?$/.exec(all)?.[0] ?? ''
    const whole = all.slice(0, all.length - this.#unread.length)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what programs send to terminals
    for (const [token] of whole.matchAll(/\u001b\[[?0-9;]*[A-Za-z]|\r|\n|\u001b|[^\u001b\r\n]/gu)) {
      if (token === '\u001b') throw new Error(`unknown: ${JSON.stringify(whole)}`)
      this.#obey(token)
    }
  }

  get cells(): readonly (readonly Cell[])[] {
    return Array.from({ length: this.rows }, (_, row) => this.#whole[row] ?? [])
  }

  get lines(): string[] {
    return this.cells.map((row) =>
      row
        .map(({ letter }) => letter)
        .join('')
        .trimEnd(),
    )
  }

  get text(): string {
    return this.lines.join('\n').trimEnd()
  }

  #obey(token: string): void {
    if (token === '\r') this.#column = 0
    else if (token === '\n') this.#row += 1
    else if (token.startsWith('\u001b[')) this.#control(token.slice(2))
    else this.#put(token)
    if (!this.isAlternate && !token.startsWith('\u001b')) this.shell += token
  }

  #control(sequence: string): void {
    const [what, kind] = [sequence.slice(0, -1), sequence.slice(-1)]
    const isOn = kind === 'h'
    if (kind === 'm') this.#sgr = what === '0' ? '' : what
    else if (sequence === 'H') [this.#row, this.#column] = [0, 0]
    else if (sequence === 'K') this.#cells[this.#row] = this.#cut(this.#row)
    else if (sequence === 'J') this.#cells = [...this.#cells.slice(0, this.#row), this.#cut(this.#row)]
    else if (what === '?25') this.hasCursor = isOn
    else if (what === '?7') this.wraps = isOn
    else if (what === '?2026') {
      this.#isFrame = isOn
      if (!isOn) this.#whole = [...this.#cells]
    } else if (what === '?1049') {
      this.isAlternate = isOn
      this.#cells = []
      this.#whole = []
    } else throw new Error(`unknown: ${JSON.stringify(sequence)}`)
  }

  #cut(row: number): Cell[] {
    return (this.#cells[row] ?? []).slice(0, this.#column)
  }

  #put(letter: string): void {
    if (!this.isAlternate) return
    if (!this.#isFrame) throw new Error('what is painted outside of a frame tears')
    if (this.wraps) throw new Error('a line that is too long would go on below')
    const width = columnsOf(letter)
    // What was drawn for a larger one.
    if (this.#row >= this.rows || this.#column + width > this.columns) return
    const row = [...(this.#cells[this.#row] ?? [])]
    while (row.length < this.#column) row.push(BLANK)
    row[this.#column] = { letter, sgr: this.#sgr }
    // The second half of a wide one.
    if (width === 2) row[this.#column + 1] = { letter: '', sgr: this.#sgr }
    this.#cells[this.#row] = row
    this.#column += width
  }
}
