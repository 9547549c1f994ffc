import { most } from '../../model/bigint.ts'
import { NS_PER_S } from '../../model/units.ts'

export interface DisciplinedOptions {
  /** µJ of one count. */
  readonly stepUj: bigint
  readonly modulus: bigint | null
  readonly maxPowerUw: bigint
  /** Powers further apart say nothing of the time between them. */
  readonly longestNs: bigint
}

interface Look {
  readonly count: bigint
  /** Null where it is not told. */
  readonly powerUw: bigint | null
  readonly atNs: bigint
}

/**
 * A counter whose step takes minutes (0.1 kWh at 500 W: twelve), with its power for what happens inside a step. Each count
 * is worth what it says; power alone moves it between two counts, and never past the next. Until the first count nobody
 * knows how far into its step it was found, so that power alone counts. What no count and no power tells is not made up.
 */
export class DisciplinedCounter {
  readonly #options: DisciplinedOptions
  #last: Look | null = null
  #energyUj = 0n
  /** Energy at the newest count; null before the first one. */
  #floorUj: bigint | null = null

  constructor(options: DisciplinedOptions) {
    this.#options = options
  }

  /** µJ from where it began, which it falls back to when it does not know how it went on; null where it has nothing to say. */
  advance(look: Look): bigint | null {
    const last = this.#last
    this.#last = look
    if (last === null) return look.powerUw === null ? null : this.#energyUj
    const counts = this.#countsBetween(last, look)
    const insideUj = this.#energyBetween(last, look)
    if (counts === null) this.#floorUj = null
    if (this.#floorUj === null) return this.#unbound(counts ?? 0n, insideUj, look)
    const { stepUj } = this.#options
    this.#floorUj += (counts ?? 0n) * stepUj
    this.#energyUj = most(this.#energyUj + this.#slowed(insideUj ?? 0n, this.#floorUj + stepUj), this.#floorUj)
    return look.powerUw === null && counts === 0n ? null : this.#energyUj
  }

  #unbound(counts: bigint, insideUj: bigint | null, { powerUw }: Look): bigint | null {
    if (insideUj === null) {
      this.#energyUj = 0n
      return powerUw === null ? null : 0n
    }
    this.#energyUj += insideUj
    if (counts > 0n) this.#floorUj = this.#energyUj
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
