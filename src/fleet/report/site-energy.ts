import { type FleetAccount, isThere, metered } from '../account/account.ts'
import type { PlaceBalance } from '../account/balances.ts'
import { innermost, outermost } from '../feeds.ts'
import { type Meter, type Place, within } from '../topology.ts'

/** ISO/IEC 30134-2: where the energy of the IT is measured. */
export type PueCategory = 1 | 2 | 3

/** Energy of the site and of its IT by the hour, in joules; NaN where a meter or a host does not tell. */
export interface SiteEnergy {
  readonly category: PueCategory
  readonly total: Float64Array
  readonly it: Float64Array
  readonly pue: Float64Array
  /** Over the hours that have both. */
  readonly hours: number
  readonly totalJ: number
  readonly itJ: number
}

/** By the outermost meters of a place; null where it has none of its main. One for each category that is metered. */
export function siteEnergies(account: FleetAccount, place: Place, balances: readonly PlaceBalance[]): SiteEnergy[] {
  const inside = metersIn(account, place)
  const mains = outermost(inside, 'main')
  if (mains.length === 0) return []
  const total = sumOf(mains, account)
  const energies: SiteEnergy[] = []
  for (const [category, measure] of [
    [1, 'ups'],
    [2, 'pdu'],
  ] as const) {
    const meters = innermost(inside, measure)
    if (meters.length > 0) energies.push(energyOf(category, total, sumOf(meters, account)))
  }
  const own = new Set(within(place))
  const machines = balances.filter(({ supplied }) => own.has(supplied.place))
  const it = total.map((_, at) => machines.reduce((sum, one) => sum + (one.machines[at] ?? Number.NaN), 0))
  return [...energies, energyOf(3, total, it)]
}

/** Those of the register that are there in the time. */
export function metersIn({ span }: FleetAccount, place: Place): Meter[] {
  return within(place).flatMap(({ meters }) => meters.filter((meter) => isThere(meter, span)))
}

/** By the hour; NaN where one of those that are there misses a part of it, and where there is none. */
export function sumOf(meters: readonly Meter[], account: FleetAccount): Float64Array {
  return new Float64Array(account.hours).map((_, at) => metered(meters, account, at)?.value ?? Number.NaN)
}

function energyOf(category: PueCategory, total: Float64Array, it: Float64Array): SiteEnergy {
  const pue = total.map((joules, at) => ((it[at] ?? 0) > 0 ? joules / (it[at] ?? 1) : Number.NaN))
  let [hours, totalJ, itJ] = [0, 0, 0]
  for (const [at, ratio] of pue.entries()) {
    if (Number.isNaN(ratio)) continue
    hours += 1
    totalJ += total[at] ?? 0
    itJ += it[at] ?? 0
  }
  return { category, total, it, pue, hours, totalJ, itJ }
}
