import type { Masses } from '../ledger/report-rows.ts'

/** What a row of a report says. Null: not known, or not to be had of such a row. */
export interface Figures extends Masses {
  readonly energyUj: bigint
  readonly measuredUj: bigint | null
  readonly derivedUj: bigint | null
  readonly estimatedUj: bigint | null
  /** Of what a consumer has: its reservation, and its use. */
  readonly idleUj: bigint | null
  readonly dynamicUj: bigint | null
  /** Half-width of the 95 % interval (k = 2). */
  readonly uncertaintyPct: number | null
  readonly co2eUncertaintyPct: number | null
  readonly coveragePct: number | null
  /** See `COST_UNIT`. */
  readonly cost: bigint | null
}

const ENERGIES = ['energyUj', 'measuredUj', 'derivedUj', 'estimatedUj'] as const

/** With null for the energy of a time of which nothing is covered: it is not known, and not 0. */
export function knownOf(figures: Figures): Omit<Figures, 'energyUj'> & { readonly energyUj: bigint | null } {
  if (figures.energyUj !== 0n || figures.coveragePct !== 0) return figures
  return {
    ...figures,
    ...(Object.fromEntries(ENERGIES.map((energy) => [energy, null])) as Record<(typeof ENERGIES)[number], null>),
  }
}

/**
 * Costs are µJ × millionths of the currency for a kWh × ms of the hour at that price, so that they add up without a
 * rounding: so many make a millionth of the currency.
 */
export const COST_UNIT = 3_600_000_000_000n * 3_600_000n

export const MASSES = ['locationUg', 'marketUg', 'embodiedUg', 'siteWaterUl', 'gridWaterUl'] as const

/** What is shared out in proportion to energy. */
export const SHARED = ['locationUg', 'marketUg', 'siteWaterUl', 'gridWaterUl', 'cost'] as const

export const NO_FIGURES: Figures = {
  energyUj: 0n,
  measuredUj: null,
  derivedUj: null,
  estimatedUj: null,
  idleUj: null,
  dynamicUj: null,
  locationUg: 0n,
  marketUg: 0n,
  embodiedUg: 0n,
  siteWaterUl: 0n,
  gridWaterUl: 0n,
  cost: 0n,
  uncertaintyPct: null,
  co2eUncertaintyPct: null,
  coveragePct: null,
}
