import type { Consumer } from '../model/consumer.ts'
import { FIGURES, isOfMaking, NO_FIGURES } from '../model/footprint.ts'
import { MOST_WHOLE, shareOut, shareOutOwing } from '../model/share.ts'
import type { Part } from './row-book.ts'

/** Those with a weight. The three lists have one entry for each. */
interface Takers {
  readonly consumers: Consumer[]
  readonly weights: number[]
  /** Of each figure what one is owed. */
  readonly owed: Float64Array[]
}

/**
 * Divides what was booked for energy among those whose it is: emissions and water in proportion to it, the making of the
 * machine in proportion to the idle energy, which goes to whom it is reserved for. The shares of each division sum to the
 * whole. A second brings few µg for a small consumer, so that what rounding took is made good by the next.
 */
export class FootprintShares {
  /** Of each figure what a consumer is owed since the last division. */
  readonly #owed = new WeakMap<Consumer, Float64Array>()

  /** Those who get nothing are left out, as most are in a second. */
  divide(figures: readonly bigint[], parts: ReadonlyMap<Consumer, Part>): Map<Consumer, bigint[]> {
    const byEnergy = this.#takersOf(parts, ({ idleUj, dynamicUj }) => idleUj + dynamicUj)
    const byIdle = this.#takersOf(parts, ({ idleUj }) => idleUj)
    const shares = new Map<Consumer, bigint[]>()
    for (let index = 0; index < figures.length; index++) {
      const whole = figures[index] ?? 0n
      if (whole === 0n) continue
      divideOne(whole, index, isOfMaking(index) && byIdle.weights.length > 0 ? byIdle : byEnergy, shares)
    }
    return shares
  }

  #takersOf(parts: ReadonlyMap<Consumer, Part>, weigh: (part: Part) => bigint): Takers {
    const takers: Takers = { consumers: [], weights: [], owed: [] }
    parts.forEach((part, consumer) => {
      const weight = Number(weigh(part))
      if (weight <= 0) return
      takers.consumers.push(consumer)
      takers.weights.push(weight)
      takers.owed.push(this.#owedTo(consumer))
    })
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

/** Changes what is owed. What is more than a machine ever causes at once is divided without regard to it. */
function divideOne(
  whole: bigint,
  figure: number,
  { consumers, weights, owed }: Takers,
  shares: Map<Consumer, bigint[]>,
): void {
  const isHuge = whole > MOST_WHOLE
  const owedNow = new Float64Array(weights.length)
  for (let place = 0; place < owedNow.length; place++) owedNow[place] = owed[place]?.[figure] ?? 0
  const own = isHuge ? shareOut(whole, weights.map(BigInt)) : shareOutOwing(Number(whole), weights, owedNow)
  consumers.forEach((consumer, place) => {
    const account = owed[place]
    if (account !== undefined) account[figure] = owedNow[place] ?? 0
    const share = own[place] ?? 0
    if (share <= 0) return
    const all = shares.get(consumer) ?? [...NO_FIGURES]
    all[figure] = BigInt(share)
    shares.set(consumer, all)
  })
}
