import type { Factor } from '../../model/carbon.ts'
import { type Amortised, amortisedUg } from './amortisation.ts'

/** A row that begins this much before the last one ended comes after the wall clock was set back. */
const OVERLAP_MS = 60_000

/**
 * Embodied carbon by the time that the account covers, whatever the energy. Rows of two meters in one minute overlap, and
 * their time counts once.
 */
export class EmbodiedAccrual {
  /** The figure that is spread. */
  readonly factor: Factor
  readonly #amortised: Amortised
  #coveredUnixMs = Number.NEGATIVE_INFINITY
  #accruedUg = 0n

  constructor(factor: Factor, amortised: Amortised) {
    this.factor = factor
    this.#amortised = amortised
  }

  /** Goes on from what is booked already. */
  restore(accruedUg: bigint): void {
    this.#accruedUg = accruedUg
  }

  /** What falls due in a covered time, in µg. */
  accrue(startUnixMs: number, endUnixMs: number): bigint {
    if (endUnixMs <= startUnixMs) return 0n
    const wasSetBack = this.#coveredUnixMs - startUnixMs > OVERLAP_MS
    const fromUnixMs = wasSetBack ? startUnixMs : Math.max(startUnixMs, this.#coveredUnixMs)
    this.#coveredUnixMs = wasSetBack ? endUnixMs : Math.max(endUnixMs, this.#coveredUnixMs)
    const dueUg = amortisedUg(this.#amortised, fromUnixMs, endUnixMs)
    // Without a date the lifetime ends when everything is booked.
    const leftUg = this.#amortised.startsUnixMs === null ? this.#amortised.totalUg - this.#accruedUg : dueUg
    const ug = dueUg < leftUg ? dueUg : leftUg > 0n ? leftUg : 0n
    this.#accruedUg += ug
    return ug
  }
}
