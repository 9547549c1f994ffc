import { correlation, spread } from '../node-model/statistics.ts'

/** Mean powers of one stretch of time in W: by the meter, and by what stands in for it when it is silent. */
export interface Pair {
  readonly meterW: number
  readonly modelW: number
}

/** Pairs by which a meter is judged. */
const WINDOW_PAIRS = 40

/*
 * All of logarithms, since a model of the class alone may be off by any factor. Where the model moves by this, a meter that
 * follows so little of it stands still; one that strays by so much from a model that it does not go with tells nothing.
 */
const MOVED = 0.15
const LEAST_FOLLOWED = 0.03
const MOST_STRAYED = 0.6
const LEAST_CORRELATION = 0.3

/** Whether a meter can be believed that a model is compared with, by one window of pairs after the other. */
export class PairGate {
  #pairs: Pair[] = []
  #isTrusted = true

  /** False from a fault on, until a whole window shows none. */
  get isTrusted(): boolean {
    return this.#isTrusted
  }

  /** What the window shows that ends with this pair; null inside it. */
  add(pair: Pair): 'sound' | 'false' | null {
    this.#pairs.push(pair)
    if (this.#pairs.length < WINDOW_PAIRS) return null
    const isSound = isFollowed(this.#pairs)
    this.#pairs = []
    this.#isTrusted = isSound
    return isSound ? 'sound' : 'false'
  }
}

function isFollowed(pairs: readonly Pair[]): boolean {
  const models = pairs.map(({ modelW }) => Math.log(modelW))
  const meters = pairs.map(({ meterW }) => Math.log(meterW))
  const moved = spread(models)
  if (moved > MOVED && spread(meters) < LEAST_FOLLOWED * moved) return false
  const strayed = spread(pairs.map(({ meterW, modelW }) => Math.log(meterW / modelW)))
  return strayed <= MOST_STRAYED || correlation(models, meters) >= LEAST_CORRELATION
}
