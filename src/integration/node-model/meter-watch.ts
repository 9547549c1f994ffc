import { type Chips, type Row, sumW } from './chips.ts'
import { type Fault, faultOf, VARIED_W } from './gate.ts'
import { spread } from './statistics.ts'
import { chipsSeen, HISTORY_ROWS, type Timing, TimingEstimate } from './timing.ts'

/** Rows by which a meter is judged. */
export const WINDOW_ROWS = 40
const JUDGED_EACH = 10

/** Whether a meter of the whole machine can be believed, by the newest window of rows. */
export class MeterWatch {
  #timing = new TimingEstimate()
  #rows: Row[] = []
  #sinceJudged = 0
  #sinceTimed = 0
  #isTrusted = false
  #isSuspect = false

  get isTrusted(): boolean {
    return this.#isTrusted
  }

  get timing(): Timing {
    return this.#timing.timing
  }

  /** In order of time. */
  get rows(): readonly Row[] {
    return this.#rows
  }

  /** What an earlier run found. */
  use(timing: Timing): void {
    this.#timing = new TimingEstimate(timing)
  }

  /** What is wrong with the meter; null where nothing new is known of it. */
  add(row: Row): Fault | null {
    if (row.startS < (this.#rows.at(-1)?.endS ?? row.startS)) this.#rows = []
    this.#rows.push(row)
    if (this.#rows.length > WINDOW_ROWS + HISTORY_ROWS) this.#rows.shift()
    if (++this.#sinceJudged < JUDGED_EACH || this.#rows.length < WINDOW_ROWS) return null
    this.#sinceJudged = 0
    this.#time()
    const fault = this.#judge()
    if (fault !== null) {
      this.#isTrusted = false
      this.#startWindow(true)
    }
    return fault
  }

  /** The chips as the meter saw them in the row at `index`. */
  seenAt(index: number): Chips | null {
    return chipsSeen(this.#rows, index, this.timing)
  }

  #judge(): Fault | null {
    const seen: Chips[] = []
    const wholeW: number[] = []
    for (let index = this.#rows.length - WINDOW_ROWS; index < this.#rows.length; index++) {
      const chips = this.seenAt(index)
      if (chips === null) continue
      seen.push(chips)
      wholeW.push((this.#rows[index] as Row).wholeW)
    }
    if (seen.length < WINDOW_ROWS / 2) return null
    const fault = faultOf(seen, wholeW)
    if (fault === null && this.#isSuspect) this.#startWindow(false)
    else if (fault === null) this.#isTrusted = true
    return fault
  }

  /** At first, and once in each window: the timing costs more than the rest. */
  #time(): void {
    if (this.#isTrusted && ++this.#sinceTimed * JUDGED_EACH < WINDOW_ROWS) return
    this.#sinceTimed = 0
    if (spread(this.#rows.slice(-WINDOW_ROWS).map(sumW)) > VARIED_W) this.#timing.learn(this.#rows, WINDOW_ROWS)
  }

  /** A false row may still be in a window that shows no fault, so that it takes another one after a fault. */
  #startWindow(isSuspect: boolean): void {
    this.#rows = []
    this.#isSuspect = isSuspect
  }
}
