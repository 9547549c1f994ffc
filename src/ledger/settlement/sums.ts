import type { SettledTotal, TenantTotal } from '../../model/attribution.ts'
import { most } from '../../model/bigint.ts'
import { figuresOf, footprintOf, isOfMaking, NO_FOOTPRINT } from '../../model/footprint.ts'
import { shareOut } from '../../model/share.ts'

/** Energy, emissions and water of the node, and what of them each tenant answers for. */
export interface Sums {
  readonly node: SettledTotal
  readonly tenants: readonly TenantSum[]
}

export interface TenantSum extends SettledTotal {
  readonly tenant: string
}

export const NO_TOTAL: SettledTotal = { energyUj: 0n, ...NO_FOOTPRINT }
export const NO_SUMS: Sums = { node: NO_TOTAL, tenants: [] }

/**
 * Shares an hour of the node among the tenants, in whole units that sum to it: energy as it was split, emissions and water
 * in proportion to it, the making of the machine in proportion to the idle energy, which goes to whom it is reserved for.
 * What nobody was found for is no tenant's.
 */
export function apportion(node: SettledTotal, tenants: readonly TenantTotal[]): Sums {
  const energies = tenants.map(({ idleUj, dynamicUj }) => idleUj + dynamicUj)
  const splitUj = energies.reduce((sum, uj) => sum + uj, 0n)
  const nobodysUj = most(node.energyUj - splitUj, 0n)
  const idles = tenants.map(({ idleUj }) => idleUj)
  const hasIdle = idles.some((uj) => uj > 0n)
  const byEnergy = (whole: bigint) => shareOut(whole, [...energies, nobodysUj])
  const byIdle = (whole: bigint) => {
    if (!hasIdle) return byEnergy(whole)
    const [tenantsPart = 0n] = shareOut(whole, [splitUj, nobodysUj])
    return shareOut(tenantsPart, idles)
  }
  const shares = figuresOf(node).map((whole, index) => (isOfMaking(index) ? byIdle(whole) : byEnergy(whole)))
  return {
    node,
    tenants: tenants.map(({ tenant }, index) => ({
      ...footprintOf(shares.map((parts) => parts[index] ?? 0n)),
      tenant,
      energyUj: energies[index] ?? 0n,
    })),
  }
}

/** Each tenant of either has its row in the sum. */
export function sumOf(a: Sums, b: Sums): Sums {
  const tenants = new Map(a.tenants.map((one) => [one.tenant, one]))
  for (const one of b.tenants) {
    const before = tenants.get(one.tenant)
    tenants.set(one.tenant, before === undefined ? one : { ...plus(before, one), tenant: one.tenant })
  }
  return { node: plus(a.node, b.node), tenants: [...tenants.values()] }
}

/** What came between two looks. No figure of it is negative: bookings only grow. */
export function growthOf(after: SettledTotal, before: SettledTotal): SettledTotal {
  return zipped(after, before, (a, b) => most(a - b, 0n))
}

function plus(a: SettledTotal, b: SettledTotal): SettledTotal {
  return zipped(a, b, (x, y) => x + y)
}

function zipped(a: SettledTotal, b: SettledTotal, combine: (x: bigint, y: bigint) => bigint): SettledTotal {
  const others = columnsOf(b)
  return totalOfColumns(columnsOf(a).map((figure, column) => combine(figure, others[column] ?? 0n)))
}

export function isNothing({ node, tenants }: Sums): boolean {
  return [node, ...tenants].every((total) => columnsOf(total).every((figure) => figure === 0n))
}

/** In the order of the ledger's columns: see `totalOfColumns`. */
export function columnsOf(total: SettledTotal): bigint[] {
  return [total.energyUj, ...figuresOf(total)]
}

export function totalOfColumns([energyUj = 0n, ...figures]: readonly bigint[]): SettledTotal {
  return { energyUj, ...footprintOf(figures) }
}
