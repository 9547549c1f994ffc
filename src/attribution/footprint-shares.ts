import type { Consumer } from '../model/consumer.ts'
import { FIGURES, isOfMaking, NO_FIGURES } from '../model/footprint.ts'
import { MOST_WHOLE, shareOut, shareOutOwing } from '../model/share.ts'
import type { Part } from './row-book.ts'

interface Taker {
  readonly consumer: Consumer
  readonly weight: number
  readonly owed: Float64Array
}

/**
 * Divides what was booked for energy among those whose it is: emissions and water in proportion to it, the making of the
 * machine in proportion to the idle energy, which goes to whom it is reserved for. The shares of each division sum to the
 * whole. A second brings few µg for a small consumer, so that what rounding took is made good by the next.
 */
export class FootprintShares {
  /** Of each figure what a consumer is owed since the last division. */
  readonly #owed = new WeakMap<Consumer, Float64Array>()

  divide(figures: readonly bigint[], parts: ReadonlyMap<Consumer, Part>): Map<Consumer, bigint[]> {
    const byEnergy = this.#takersOf(parts, ({ idleUj, dynamicUj }) => idleUj + dynamicUj)
    const byIdle = this.#takersOf(parts, ({ idleUj }) => idleUj)
    const shares = new Map(byEnergy.map(({ consumer }) => [consumer, [...NO_FIGURES]]))
    for (const [index, whole] of figures.entries()) {
      if (whole === 0n) continue
      const takers = isOfMaking(index) && byIdle.length > 0 ? byIdle : byEnergy
      const owed = Float64Array.from(takers, (taker) => taker.owed[index] ?? 0)
      const own = sharesOf(
        whole,
        takers.map(({ weight }) => weight),
        owed,
      )
      for (const [place, taker] of takers.entries()) {
        taker.owed[index] = owed[place] ?? 0
        const all = shares.get(taker.consumer)
        if (all !== undefined) all[index] = own[place] ?? 0n
      }
    }
    return shares
  }

  #takersOf(parts: ReadonlyMap<Consumer, Part>, weigh: (part: Part) => bigint): readonly Taker[] {
    const takers: Taker[] = []
    for (const [consumer, part] of parts) {
      const weight = Number(weigh(part))
      if (weight > 0) takers.push({ consumer, weight, owed: this.#owedTo(consumer) })
    }
    return takers
  }

  #owedTo(consumer: Consumer): Float64Array {
    const known = this.#owed.get(consumer)
    if (known !== undefined) return known
    const owed = new Float64Array(FIGURES.length)
    this.#owed.set(consumer, owed)
    return owed
  }
}

/** Changes `owed`. What is more than a machine ever causes at once is divided without regard to it. */
function sharesOf(whole: bigint, weights: readonly number[], owed: Float64Array): bigint[] {
  if (whole > MOST_WHOLE) return shareOut(whole, weights.map(BigInt))
  return Array.from(shareOutOwing(Number(whole), weights, owed), BigInt)
}
