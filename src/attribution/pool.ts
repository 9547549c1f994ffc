import { least } from '../model/bigint.ts'
import type { Consumer } from '../model/consumer.ts'
import { MOST_WHOLE, shareOut, shareOutWhole } from '../model/share.ts'

export type EnergyPart = 'idle' | 'dynamic'

export type Take = (consumer: Consumer, part: EnergyPart, energyUj: bigint) => void

/** A rule by which energy is divided. */
export interface PoolRule {
  readonly part: EnergyPart
  readonly consumers: readonly Consumer[]
  /** One for each consumer, in any unit. */
  readonly weights: readonly number[]
  /** Whose the energy is when nobody has a weight. */
  readonly otherwise: Consumer
  /** Of the time, so much is known. */
  readonly coveredNs: bigint
  readonly durationNs: bigint
  /** Whose the energy of the other time is. */
  readonly unknown: Consumer
}

const MOST_UJ = BigInt(MOST_WHOLE)
/** Weights are whole, and the largest is this. */
const LARGEST = 1e15

/** Energy that is divided by one rule. */
export class Pool {
  readonly #rule: PoolRule
  energyUj = 0n

  constructor(rule: PoolRule) {
    this.#rule = rule
  }

  get part(): EnergyPart {
    return this.#rule.part
  }

  /** Hands each consumer's part to `take`; the parts sum to the whole. */
  divide(take: Take): void {
    const { part, consumers, weights, otherwise, coveredNs, durationNs, unknown } = this.#rule
    const knownUj = (this.energyUj * coveredNs) / durationNs
    let leftUj = knownUj
    while (leftUj > 0n) {
      // More than a machine ever draws at once is divided piece by piece.
      const pieceUj = least(leftUj, MOST_UJ)
      const parts = shareOutWhole(Number(pieceUj), weights)
      let dividedUj = 0n
      consumers.forEach((consumer, index) => {
        const partUj = parts[index] ?? 0
        if (partUj === 0) return
        const energyUj = BigInt(partUj)
        dividedUj += energyUj
        take(consumer, part, energyUj)
      })
      if (dividedUj === 0n) break
      leftUj -= dividedUj
    }
    if (leftUj > 0n) take(otherwise, part, leftUj)
    if (this.energyUj > knownUj) take(unknown, part, this.energyUj - knownUj)
  }
}

/** Adds energy to pools in proportion to what they have, or where all are empty, in proportion to `usual`. */
export function pour(energyUj: bigint, pools: readonly Pool[], usual: readonly number[]): void {
  const held = pools.map((pool) => pool.energyUj)
  const isEmpty = held.every((heldUj) => heldUj === 0n)
  const parts = isEmpty ? portionsOf(energyUj, usual) : shareOut(energyUj, held)
  for (const [index, pool] of pools.entries()) pool.energyUj += parts[index] ?? 0n
}

/** Whole portions, by weights in any unit. */
export function portionsOf(energyUj: bigint, weights: readonly number[]): bigint[] {
  let largest = 0
  for (const weight of weights) if (weight > largest) largest = weight
  return shareOut(
    energyUj,
    weights.map((weight) => (largest > 0 ? BigInt(Math.round((weight / largest) * LARGEST)) : 0n)),
  )
}
