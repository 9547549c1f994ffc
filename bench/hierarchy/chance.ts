import { Random } from '../../test/fuzz/random.ts'

const STATES = 2 ** 32

/** Seeded numbers of the distributions that a site is made of. */
export class Chance {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  uniform(low = 0, high = 1): number {
    return low + ((high - low) * this.#random.below(STATES)) / STATES
  }

  normal(sigma: number): number {
    return sigma * Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform())
  }

  happens(probability: number): boolean {
    return this.uniform() < probability
  }

  of<Item>(items: readonly Item[]): Item {
    return this.#random.of(items)
  }
}
