import { type Chips, meanOf, type Row, sumW } from './chips.ts'
import { correlation, spread } from './statistics.ts'

/** When a meter of the whole machine measured what it tells: the mean of a window that ended some time ago. */
export interface Timing {
  readonly delayS: number
  /** 0: as long as its row. */
  readonly windowS: number
}

const DELAYS_S = [0, 1.5, 3, 4.5, 6, 9, 12, 15, 18, 24, 30]
const WINDOWS_S = [0, 10, 30]
const CANDIDATES: readonly Timing[] = WINDOWS_S.flatMap((windowS) => DELAYS_S.map((delayS) => ({ delayS, windowS })))
/** Another timing has to explain so much more of the variance, since a step or two prove little. */
const MARGIN = 0.02
/** Share of the newest rows in the memory of how well each timing fits. */
const NEWEST = 0.3

/** Chips as the meter saw them in the row at `index`; null where that lies before what is known. */
export function chipsSeen(rows: readonly Row[], index: number, { delayS, windowS }: Timing): Chips | null {
  const row = rows[index]
  if (row === undefined || (delayS === 0 && windowS === 0)) return row ?? null
  const toS = row.endS - delayS
  return meanOf(rows, index, toS - (windowS === 0 ? row.endS - row.startS : windowS), toS)
}

/** Finds the timing under which the meter goes with the chips best. */
export class TimingEstimate {
  #timing: Timing = { delayS: 0, windowS: 0 }
  #fits: readonly number[] | null = null

  constructor(timing?: Timing) {
    if (timing) this.#timing = timing
  }

  get timing(): Timing {
    return this.#timing
  }

  /** @param rows in order of time, of which the last `count` are compared; they have to vary */
  learn(rows: readonly Row[], count: number): void {
    const before = this.#fits
    const fits = CANDIDATES.map((candidate, index) => {
      const fit = fitOf(rows, count, candidate)
      const known = before?.[index] ?? fit
      return fit === null ? (known ?? 0) : (known ?? fit) * (1 - NEWEST) + fit * NEWEST
    })
    this.#fits = fits
    const best = fits.indexOf(Math.max(...fits))
    const current = CANDIDATES.findIndex(
      ({ delayS, windowS }) => delayS === this.#timing.delayS && windowS === this.#timing.windowS,
    )
    if ((fits[best] ?? 0) > (fits[current] ?? 0) + MARGIN) this.#timing = CANDIDATES[best] ?? this.#timing
  }
}

/** Share of the meter's variance that the chips explain; null where they are not known for enough of the rows. */
function fitOf(rows: readonly Row[], count: number, timing: Timing): number | null {
  const seenW: number[] = []
  const wholeW: number[] = []
  for (let index = rows.length - count; index < rows.length; index++) {
    const seen = chipsSeen(rows, index, timing)
    if (seen === null) continue
    seenW.push(sumW(seen))
    wholeW.push((rows[index] as Row).wholeW)
  }
  if (seenW.length < count / 2 || spread(seenW) === 0) return null
  const r = correlation(seenW, wholeW)
  return r > 0 ? r * r : 0
}

/** Rows of three seconds that reach back to the longest delay and window. */
export const HISTORY_ROWS = 24
