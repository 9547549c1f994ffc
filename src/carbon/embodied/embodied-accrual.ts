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

  /** What falls due in a time, in µg. Each moment that is covered is told once. */
  accrue(startUnixMs: number, endUnixMs: number): bigint {
    if (endUnixMs <= startUnixMs) return 0n
    const dueUg = amortisedUg(this.#amortised, startUnixMs, endUnixMs)
    // Without a date the lifetime ends when everything is booked.
    const leftUg = this.#amortised.startsUnixMs === null ? this.#amortised.totalUg - this.#accruedUg : dueUg
    const ug = dueUg < leftUg ? dueUg : leftUg > 0n ? leftUg : 0n
    this.#accruedUg += ug
    return ug
  }
}
