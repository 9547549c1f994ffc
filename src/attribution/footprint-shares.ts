import type { Consumer } from '../model/consumer.ts'
import { FIGURES, isOfMaking } from '../model/footprint.ts'
import { MOST_WHOLE, shareOut, shareOutOwing } from '../model/share.ts'
import type { Part } from './row-book.ts'

/**
 * Divides what was booked for energy among those whose it is: emissions and water in proportion to it, the making of the
 * machine in proportion to the idle energy, which goes to whom it is reserved for. The shares of each division sum to the
 * whole. A second brings few µg for a small consumer, so that what rounding took is made good by the next.
 */
export class FootprintShares {
  /** Figures as they were owed after the last division. */
  readonly #owed = new WeakMap<Consumer, Float64Array>()

  divide(figures: readonly bigint[], parts: ReadonlyMap<Consumer, Part>): Map<Consumer, bigint[]> {
    const shares = new Map<Consumer, bigint[]>()
    const hasIdle = [...parts.values()].some(({ idleUj }) => idleUj > 0n)
    for (const [index, whole] of figures.entries()) {
      if (whole === 0n) continue
      const isByIdle = isOfMaking(index) && hasIdle
      const takers = [...parts].flatMap(([consumer, { idleUj, dynamicUj }]) => {
        const weight = Number(isByIdle ? idleUj : idleUj + dynamicUj)
        return weight > 0 ? { consumer, weight } : []
      })
      const weights = takers.map(({ weight }) => weight)
      const owed = Float64Array.from(takers, ({ consumer }) => this.#owedTo(consumer)[index] ?? 0)
      const own = sharesOf(whole, weights, owed)
      for (const [place, { consumer }] of takers.entries()) {
        this.#owedTo(consumer)[index] = owed[place] ?? 0
        const all = shares.get(consumer) ?? FIGURES.map(() => 0n)
        all[index] = own[place] ?? 0n
        shares.set(consumer, all)
      }
    }
    return shares
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
