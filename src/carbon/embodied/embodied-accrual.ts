import type { Factor } from '../../model/carbon.ts'
import { type Amortised, amortisedUg } from './amortisation.ts'

/** Embodied carbon by the time that the account covers, whatever the energy. */
export class EmbodiedAccrual {
  /** The figure that is spread. */
  readonly factor: Factor
  readonly #amortised: Amortised
  #accruedUg = 0n

  constructor(factor: Factor, amortised: Amortised) {
    this.factor = factor
    this.#amortised = amortised
  }

  /** Goes on from what is booked already. */
  restore(accruedUg: bigint): void {
    this.#accruedUg = accruedUg
  }

  /** What falls due in a time that is counted now and never again, in µg. */
  accrue(startUnixMs: number, endUnixMs: number): bigint {
    const dueUg = amortisedUg(this.#amortised, startUnixMs, endUnixMs)
    // Without a date the lifetime ends when everything is booked.
    const leftUg = this.#amortised.startsUnixMs === null ? this.#amortised.totalUg - this.#accruedUg : dueUg
    const ug = dueUg < leftUg ? dueUg : leftUg > 0n ? leftUg : 0n
    this.#accruedUg += ug
    return ug
  }

  /** The milliseconds in which a mass falls due, to a millisecond. */
  lengthMs(ug: bigint): number {
    const { totalUg, lifetimeMs } = this.#amortised
    return totalUg > 0n ? Number((ug * BigInt(lifetimeMs) + totalUg / 2n) / totalUg) : 0
  }
}
