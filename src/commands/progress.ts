import type { Output } from './run.ts'

/** Work that is done sooner needs no line. */
const QUIET_MS = 500
const WIDTH = 30
const ERASE = '\r\u001b[K'

/** One line on a terminal that tells how much of the work is done; nothing anywhere else. */
export class Progress {
  readonly #output: Output
  readonly #what: string
  readonly #nowMs: () => number
  readonly #sinceMs: number
  #shown = ''

  constructor(output: Output, what: string, nowMs: () => number = () => performance.now()) {
    this.#output = output
    this.#what = what
    this.#nowMs = nowMs
    this.#sinceMs = nowMs()
  }

  /** `done` is from 0 to 1. */
  show(done: number): void {
    if (this.#output.isTTY !== true || this.#nowMs() - this.#sinceMs < QUIET_MS) return
    const full = Math.round(WIDTH * done)
    const percent = String(Math.floor(100 * done)).padStart(3)
    const line = `${this.#what} [${'#'.repeat(full)}${' '.repeat(WIDTH - full)}] ${percent} %`
    if (line === this.#shown) return
    this.#output.write(`${ERASE}${line}`)
    this.#shown = line
  }

  /** Leaves the line empty. */
  clear(): void {
    if (this.#shown !== '') this.#output.write(ERASE)
    this.#shown = ''
  }
}
