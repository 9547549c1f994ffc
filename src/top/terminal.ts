import { writeSync } from 'node:fs'

/** The screen beside the one with the shell's history, no cursor, no line that wraps (xterm's private modes). */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l'
/** What is written between them is shown at once, where a terminal knows of it (DEC private mode 2026). */
const BEGIN_FRAME = '\u001b[?2026h'
const END_FRAME = '\u001b[?2026l'
const LEAVE = `${END_FRAME}\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l`
const STANDARD_OUTPUT = 1
const HOME = '\u001b[H'
const ERASE_LINE = '\u001b[K'
const ERASE_BELOW = '\u001b[J'

export interface TerminalInput {
  readonly isTTY?: boolean
  setRawMode?(isRaw: boolean): unknown
  on(event: 'data' | 'error', listener: (bytes: Buffer) => void): unknown
  off(event: 'data', listener: (bytes: Buffer) => void): unknown
  resume(): unknown
  pause(): unknown
}

export interface TerminalEvents {
  readonly onKey: (key: string) => void
  readonly onResize: () => void
  /** The terminal is gone. */
  readonly onGone: () => void
}

/** A terminal that is drawn on as a whole. However the process ends but by SIGKILL, it is as it was before. */
export class Terminal {
  readonly #input: TerminalInput
  readonly #output: NodeJS.WriteStream
  readonly #events: TerminalEvents
  #drawn = ''
  #isEntered = false

  constructor(input: TerminalInput, output: NodeJS.WriteStream, events: TerminalEvents) {
    this.#input = input
    this.#output = output
    this.#events = events
  }

  enter(): void {
    const { onResize, onGone } = this.#events
    this.#output.on('resize', onResize)
    this.#output.on('error', onGone)
    this.#input.on('error', onGone)
    process.on('exit', this.#leaveAtOnce)
    // Before the reason is told, which would be lost with the screen.
    process.on('uncaughtExceptionMonitor', this.#leaveAtOnce)
    process.on('SIGCONT', this.#enterAgain)
    if (this.#input.isTTY === true) {
      this.#input.setRawMode?.(true)
      this.#input.on('data', this.#read)
      this.#input.resume()
    }
    this.#isEntered = true
    this.#output.write(ENTER)
  }

  /** Puts everything back. */
  leave(): void {
    this.#output.off('resize', this.#events.onResize)
    process.off('SIGCONT', this.#enterAgain)
    process.off('exit', this.#leaveAtOnce)
    process.off('uncaughtExceptionMonitor', this.#leaveAtOnce)
    this.#input.off('data', this.#read)
    this.#leaveAtOnce()
    this.#input.pause()
  }

  get size(): { readonly columns: number; readonly rows: number } {
    // A terminal may say that it has none.
    return { columns: this.#output.columns || 80, rows: this.#output.rows || 24 }
  }

  draw(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}${ERASE_LINE}`).join('\r\n')
    // A slow line gets the newest screen once it has taken the last one.
    if (text === this.#drawn || this.#output.writableNeedDrain) return
    this.#drawn = text
    this.#output.write(`${BEGIN_FRAME}${HOME}${text}${ERASE_BELOW}${END_FRAME}`)
  }

  /** Draws all of the next screen. */
  forget(): void {
    this.#drawn = ''
  }

  readonly #read = (bytes: Buffer): void => {
    for (const key of keysOf(bytes.toString('latin1'))) this.#events.onKey(key)
  }

  /** What stopped it may have left the terminal otherwise. */
  readonly #enterAgain = (): void => {
    this.#input.setRawMode?.(true)
    this.#output.write(ENTER)
    this.forget()
    this.#events.onResize()
  }

  /** By write(2), since a process that ends waits for nothing. */
  readonly #leaveAtOnce = (): void => {
    if (!this.#isEntered) return
    this.#isEntered = false
    try {
      this.#input.setRawMode?.(false)
      writeSync(STANDARD_OUTPUT, LEAVE)
    } catch {
      // A terminal that is gone needs nothing put back.
    }
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what keys send
const KEYS = /\u001b(?:\[[0-9;]*[ -/]*[@-~]|O[@-~])|./gs

/** The keys of what was read, of which there may be several. */
export function keysOf(text: string): string[] {
  return text.match(KEYS) ?? []
}
