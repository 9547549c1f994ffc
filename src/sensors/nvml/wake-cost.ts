import type { CounterChannel } from '../../model/channel.ts'
import type { Reading } from '../../model/reading.ts'

/**
 * What a GPU drew because it was asked: its energy from one question to the next, where both found it asleep, and so nobody
 * else had use for it. That holds what it would have drawn asleep, so it is the most that asking can have cost.
 */
export class WakeCost {
  readonly #unit: CounterChannel['unitUj']
  #last: { readonly count: bigint; readonly wakes: bigint; readonly isWake: boolean } | null = null

  constructor({ unitUj }: Pick<CounterChannel, 'unitUj'>) {
    this.#unit = unitUj
  }

  /** µJ since the last question. */
  observe(counter: Reading | undefined, wakes: Reading | undefined): bigint {
    if (counter?.status !== 'counter' || wakes?.status !== 'counter') return 0n
    const last = this.#last
    const isWake = wakes.count > (last?.wakes ?? 0n)
    this.#last = { count: counter.count, wakes: wakes.count, isWake }
    if (last === null || !isWake || !last.isWake || counter.count < last.count) return 0n
    return ((counter.count - last.count) * this.#unit.numerator) / this.#unit.denominator
  }
}
