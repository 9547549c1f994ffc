import { sumOrNull } from '../model/bigint.ts'
import { shareOut } from '../model/share.ts'
import { type Figures, MASSES, NO_FIGURES } from './figures.ts'

/** As `shareOut`, of what may be negative. */
export function divide(whole: bigint | null, weights: readonly bigint[]): (bigint | null)[] {
  if (whole === null) return weights.map(() => null)
  return whole < 0n ? shareOut(-whole, weights).map((part) => -part) : shareOut(whole, weights)
}

/** Two of what has neither a coverage nor an uncertainty of its own. */
export function added(a: Figures, b: Figures): Figures {
  const masses = Object.fromEntries(MASSES.map((mass) => [mass, sumOrNull(a[mass], b[mass])]))
  return {
    ...NO_FIGURES,
    ...masses,
    energyUj: a.energyUj + b.energyUj,
    measuredUj: sumOrNull(a.measuredUj, b.measuredUj),
    derivedUj: sumOrNull(a.derivedUj, b.derivedUj),
    estimatedUj: sumOrNull(a.estimatedUj, b.estimatedUj),
    idleUj: sumOrNull(a.idleUj, b.idleUj),
    dynamicUj: sumOrNull(a.dynamicUj, b.dynamicUj),
    cost: sumOrNull(a.cost, b.cost),
  }
}
