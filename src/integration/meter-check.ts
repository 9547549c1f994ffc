import { most } from '../model/bigint.ts'
import { NS_PER_S } from '../model/units.ts'
import type { AccountEvent } from './node-posting.ts'
import { inQuadrature, K95 } from './uncertainty.ts'

const MINUTE_NS = 60n * NS_PER_S
const ABOUT = { about: 'parts and meter' }
/** A meter of the whole machine from a moment on. */
export interface Compared {
  readonly meter: string
  /** Channels that it is the sum of. */
  readonly members: number
  readonly startNs: bigint
}

/** A stretch in which a meter of the whole machine and meters of its parts told energy. */
export interface Comparison extends Compared {
  readonly endNs: bigint
  readonly wholeUj: bigint
  readonly wholeUncertaintyUj: number
  readonly leavesUj: bigint
  readonly leavesUncertaintyUj: number
  /** What was counted. */
  readonly countedUj: bigint
}

/** The last unbroken minute of a meter of the whole machine beside the meters of what is in it. */
export class MeterCheck {
  #comparisons: Comparison[] = []
  #startNs = 0n
  #isBelowParts = false

  /** True from when the parts told more than the whole for a minute, beyond both uncertainties, until it is no longer so. */
  get isBelowParts(): boolean {
    return this.#isBelowParts
  }

  /** Judges the meter by the last minute, and adds the event of a change to `events`. */
  add(comparison: Comparison, events: AccountEvent[]): void {
    const { meter, startNs, endNs } = comparison
    if (!this.#goesOn(comparison)) {
      this.#comparisons = []
      this.#startNs = startNs
    }
    this.#comparisons.push(comparison)
    while (endNs - (this.#comparisons[0]?.endNs ?? endNs) >= MINUTE_NS) {
      this.#startNs = this.#comparisons.shift()?.endNs ?? endNs
    }
    if (endNs - this.#startNs < MINUTE_NS || this.#isExceeded === this.#isBelowParts) return
    this.#comparisons = []
    this.#isBelowParts = !this.#isBelowParts
    events.push(
      this.#isBelowParts
        ? {
            ...ABOUT,
            what: 'parts_exceed_meter',
            detail: `${meter} told less than the parts of the machine for a minute: they count`,
          }
        : { ...ABOUT, what: 'parts_fit_meter', detail: `${meter} counts again` },
    )
  }

  /** Nothing is there to compare: the meter of the whole machine is gone, or those of its parts are, as `why` says. */
  stop(why: string, events: AccountEvent[]): void {
    this.#comparisons = []
    if (!this.#isBelowParts) return
    this.#isBelowParts = false
    events.push({ ...ABOUT, what: 'parts_fit_meter', detail: why })
  }

  /**
   * By how much more was counted than the meter told. Its readings come later than those of the parts, so that a rise of
   * the load shows there first: it is made up for within the minute. `next`: by what is counted from now on. A supply that
   * comes back has nothing to make up for.
   */
  debtUj(next: Compared): bigint {
    if (!this.#goesOn(next)) return 0n
    const debtUj = this.#comparisons.reduce((sum, { countedUj, wholeUj }) => sum + countedUj - wholeUj, 0n)
    return most(debtUj, 0n)
  }

  #goesOn({ meter, members, startNs }: Compared): boolean {
    const last = this.#comparisons.at(-1)
    return last?.endNs === startNs && last.meter === meter && last.members === members
  }

  get #isExceeded(): boolean {
    let [excessUj, wholeUj, leavesUj] = [0n, 0, 0]
    for (const one of this.#comparisons) {
      excessUj += one.leavesUj - one.wholeUj
      wholeUj += one.wholeUncertaintyUj
      leavesUj += one.leavesUncertaintyUj
    }
    return Number(excessUj) > K95 * inQuadrature([wholeUj, leavesUj])
  }
}
