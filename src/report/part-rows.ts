import type { NodeHour, PartHour } from '../ledger/report-rows.ts'
import { PARTS } from '../model/part.ts'
import { type Figures, NO_FIGURES, SHARED } from './figures.ts'
import { NOT_SPLIT, type Row } from './rows.ts'
import { added, divide } from './shares.ts'

/** What an hour of the machine has, for whoever shares it out. */
export interface PricedHour {
  readonly node: NodeHour
  readonly cost: bigint | null
}

/** The parts of the machine: their energy, and by it in each hour the machine's emissions of use, water and cost. */
export class PartRows {
  readonly #sums = new Map<string, Figures>()

  /** All parts of one hour. */
  addHour({ node, cost }: PricedHour, parts: readonly PartHour[]): void {
    const known = parts.map((part) => ({ name: part.part, ...part }))
    const rest = {
      name: NOT_SPLIT,
      measuredUj: node.measuredUj - sumOf(known, 'measuredUj'),
      derivedUj: node.derivedUj - sumOf(known, 'derivedUj'),
      estimatedUj: node.estimatedUj - sumOf(known, 'estimatedUj'),
    }
    const pieces = energyOf(rest) <= 0n ? known : [...known, rest]
    const weights = pieces.map(energyOf)
    const whole = { ...node, cost }
    const shares = Object.fromEntries(SHARED.map((key) => [key, divide(whole[key], weights)]))
    for (const [index, piece] of pieces.entries()) {
      const { measuredUj, derivedUj, estimatedUj } = piece
      const shared = Object.fromEntries(SHARED.map((key) => [key, shares[key]?.[index] ?? null]))
      const energyUj = energyOf(piece)
      const figures = { ...EMPTY, ...shared, energyUj, measuredUj, derivedUj, estimatedUj }
      this.#sums.set(piece.name, added(this.#sums.get(piece.name) ?? EMPTY, figures))
    }
  }

  get rows(): Row[] {
    return [...PARTS, NOT_SPLIT].flatMap((part) => {
      const figures = this.#sums.get(part)
      return figures === undefined ? [] : [{ label: part.replace('_', ' '), keys: { part }, figures }]
    })
  }
}

/** The making of the machine is not known by part. */
const EMPTY: Figures = { ...NO_FIGURES, measuredUj: 0n, derivedUj: 0n, estimatedUj: 0n, embodiedUg: null }

type ByQuality = Pick<PartHour, 'measuredUj' | 'derivedUj' | 'estimatedUj'>

function energyOf({ measuredUj, derivedUj, estimatedUj }: ByQuality): bigint {
  return measuredUj + derivedUj + estimatedUj
}

function sumOf(parts: readonly ByQuality[], key: keyof ByQuality): bigint {
  return parts.reduce((sum, part) => sum + part[key], 0n)
}
