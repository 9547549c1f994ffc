import type { Span } from '../ledger/view-rows.ts'
import type { Position } from './export-formats.ts'
import type { Output } from './run.ts'

const WIDTH = 40

/** How much of a time is done, for a terminal. */
export class ProgressBar {
  readonly #output: Output | null
  readonly #from: number
  readonly #to: number
  #shown = -1

  /** `bounds`: the time that there is; null where that is none. */
  constructor(output: Output, span: Span, bounds: Span | null, isWanted: boolean) {
    this.#output = isWanted ? output : null
    this.#from = Math.max(span.fromUnixMs ?? 0, bounds?.fromUnixMs ?? 0)
    this.#to = Math.min(span.toUnixMs ?? Number.POSITIVE_INFINITY, bounds?.toUnixMs ?? Number.POSITIVE_INFINITY)
  }

  show({ unixMs, pass, passes }: Position): void {
    const length = this.#to - this.#from
    const part = length > 0 && Number.isFinite(length) ? (unixMs - this.#from) / length : 0
    const percent = Math.floor((100 * (pass + Math.min(1, Math.max(0, part)))) / passes)
    if (this.#output === null || percent === this.#shown) return
    this.#shown = percent
    const full = Math.round((WIDTH * percent) / 100)
    this.#output.write(`\r[${'#'.repeat(full)}${' '.repeat(WIDTH - full)}] ${String(percent).padStart(3)} %`)
  }

  /** Leaves the line empty. */
  end(): void {
    if (this.#shown >= 0) this.#output?.write(`\r${' '.repeat(WIDTH + 8)}\r`)
  }
}
