import { least } from '../../model/bigint.ts'
import type { Clock } from '../../model/clock.ts'
import { NS_PER_MS } from '../../model/units.ts'

/**
 * How old a number is that somebody else renews. The wall clock tells the age of one that is seen for the first time; from
 * then on it may jump, for what was renewed since the last look is no older than that.
 */
export class Freshness {
  readonly #clock: Clock
  /** Which renewal it was, and when that was and the look, by CLOCK_BOOTTIME. */
  #stamp = ''
  #renewedNs = 0n
  #lookedNs: bigint | null = null
  #taken = ''

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Age in milliseconds at this look.
   * @param stamp differs between any two renewals
   * @param renewedUnixMs when that was; NaN where nobody knows
   */
  lookMs(stamp: string, renewedUnixMs: number): number {
    const nowNs = this.#clock.boottimeNs()
    if (stamp !== this.#stamp) {
      const agoMs = this.#clock.unixMs() - renewedUnixMs
      const byWallNs = BigInt(Number.isNaN(agoMs) ? 0 : Math.max(0, Math.round(agoMs))) * NS_PER_MS
      const sinceLookNs = this.#lookedNs === null ? byWallNs : nowNs - this.#lookedNs
      this.#renewedNs = nowNs - least(byWallNs, sinceLookNs)
      this.#stamp = stamp
    }
    this.#lookedNs = nowNs
    return Number((nowNs - this.#renewedNs) / NS_PER_MS)
  }

  /** Whether it was renewed since it was last taken. */
  get isNew(): boolean {
    return this.#stamp !== this.#taken
  }

  take(): void {
    this.#taken = this.#stamp
  }

  /** All that is found is new again. */
  forget(): void {
    this.#taken = ''
  }
}
