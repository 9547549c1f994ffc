import { most } from '../../model/bigint.ts'
import { NS_PER_S } from '../../model/units.ts'

export interface DisciplinedOptions {
  /** µJ of one count. */
  readonly stepUj: bigint
  readonly modulus: bigint | null
  readonly maxPowerUw: bigint
  /** Powers further apart say nothing of the time between them. */
  readonly longestNs: bigint
  /**
   * Of steps of seconds: it tells the counter's own energy, so that another run goes on from it, and nothing before the
   * first count, when it would be below what that run has told.
   */
  readonly isAbsolute: boolean
}

interface Look {
  readonly count: bigint
  /** Null where it is not told. */
  readonly powerUw: bigint | null
  readonly atNs: bigint
}

/**
 * A counter with its power for what happens inside a step, which takes seconds (1 Wh at 500 W: seven) to minutes (0.1 kWh:
 * twelve). Each count is worth what it says; power alone moves it between two counts, and never past the next. Until the
 * first count nobody knows how far into its step it was found. What no count and no power tells is not made up.
 */
export class DisciplinedCounter {
  readonly #options: DisciplinedOptions
  #last: Look | null = null
  #energyUj = 0n
  /** Energy at the newest count; null where the first one is still to come. */
  #floorUj: bigint | null = null
  /** A count was seen to come. */
  #isCounting = false

  constructor(options: DisciplinedOptions) {
    this.#options = options
  }

  /** µJ that are certain: of an absolute one, those of its counts and of the watts since it was found. */
  get energyUj(): bigint {
    return this.#energyUj
  }

  /** µJ, which fall where nobody knows how it went on; null where it has nothing to say. */
  advance(look: Look): bigint | null {
    const last = this.#last
    this.#last = look
    const counts = last === null ? null : this.#countsBetween(last, look)
    const insideUj = last === null ? null : this.#energyBetween(last, look)
    if (counts === null) this.#begin(look)
    if (last === null) return look.powerUw === null || this.#floorUj !== null ? null : 0n
    if (this.#floorUj === null) return this.#unbound(counts ?? 0n, insideUj, look)
    if (counts === null) return null
    this.#count(counts, insideUj ?? 0n, look)
    if (!this.#isCounting) return null
    return look.powerUw === null && counts === 0n ? null : this.#energyUj
  }

  #begin({ count }: Look): void {
    this.#isCounting = false
    this.#floorUj = null
    if (!this.#options.isAbsolute) return
    this.#floorUj = count * this.#options.stepUj
    this.#energyUj = this.#floorUj
  }

  #count(counts: bigint, insideUj: bigint, { count }: Look): void {
    const { stepUj, isAbsolute } = this.#options
    const floorUj = isAbsolute ? count * stepUj : (this.#floorUj ?? 0n) + counts * stepUj
    // It has rolled over.
    if (this.#floorUj !== null && floorUj < this.#floorUj) this.#energyUj = floorUj
    this.#floorUj = floorUj
    this.#energyUj = most(this.#energyUj + this.#slowed(insideUj, floorUj + stepUj), floorUj)
    this.#isCounting ||= counts > 0n
  }

  #unbound(counts: bigint, insideUj: bigint | null, { powerUw }: Look): bigint | null {
    if (insideUj === null) {
      this.#energyUj = 0n
      return powerUw === null ? null : 0n
    }
    this.#energyUj += insideUj
    if (counts > 0n) {
      this.#floorUj = this.#energyUj
      this.#isCounting = true
    }
    return this.#energyUj
  }

  /** Near the next count less and less, so that it neither passes it nor stands still where the watts are a little high. */
  #slowed(insideUj: bigint, ceilingUj: bigint): bigint {
    const restUj = most(ceilingUj - 1n - this.#energyUj, 0n)
    const zoneUj = this.#options.stepUj / 20n
    const slowedUj = restUj < zoneUj ? (insideUj * restUj) / zoneUj : insideUj
    return slowedUj < restUj ? slowedUj : restUj
  }

  /** Null where the counter cannot have gone from one to the other. */
  #countsBetween(from: Look, to: Look): bigint | null {
    const { stepUj, modulus, maxPowerUw } = this.#options
    const difference = to.count - from.count
    const counts = difference < 0n && modulus !== null ? difference + modulus : difference
    const mostUj = (maxPowerUw * (to.atNs - from.atNs + NS_PER_S)) / NS_PER_S + stepUj
    return counts >= 0n && counts * stepUj <= mostUj ? counts : null
  }

  #energyBetween(from: Look, to: Look): bigint | null {
    const elapsedNs = to.atNs - from.atNs
    if (from.powerUw === null || to.powerUw === null || elapsedNs > this.#options.longestNs) return null
    return ((from.powerUw + to.powerUw) * elapsedNs) / (2n * NS_PER_S)
  }
}
