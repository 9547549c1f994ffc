import { most } from '../../model/bigint.ts'
import { FleetFault } from '../fleet-fault.ts'
import { type Amounts, add, sumOf } from './amounts.ts'
import type { Inputs, Moves } from './inputs.ts'

/** What a minor service cost on a day. */
interface Bill {
  readonly service: string
  readonly provider: string
  readonly costs: Amounts
}

/**
 * Of each provider of minor services: what its payers paid, and what it keeps. The base is its revenue, or its total cost where
 * that is more: never more than all of its energy is handed on, and a provider whose service pays for a part of it hands on
 * that part. Throws a FleetFault.
 */
export function movesByCost(inputs: Inputs, dayUnixMs: number): Moves {
  const bills = billsOf(inputs, dayUnixMs)
  const moves = new Map<string, Amounts>()
  for (const provider of new Set(bills.map((bill) => bill.provider))) {
    const [weights, own] = [new Map<string, bigint>(), bills.filter((bill) => bill.provider === provider)]
    for (const { costs } of own) for (const [user, cost] of costs) if (cost > 0n) add(weights, user, cost)
    const paid = sumOf(weights.values())
    const revenue = sumOf(own.map(({ costs }) => most(-(costs.get(provider) ?? 0n), paidOf(costs))))
    const base = most(revenue, totalCostOf(inputs, bills, provider, dayUnixMs))
    add(weights, provider, base - paid)
    moves.set(provider, weights)
  }
  return moves
}

function paidOf(costs: Amounts): bigint {
  return sumOf([...costs.values()].filter((cost) => cost > 0n))
}

/** What it pays for by itself, and for services of others. Its revenue is no cost. */
function totalCostOf({ directCosts }: Inputs, bills: readonly Bill[], provider: string, dayUnixMs: number): bigint {
  const direct = directCosts.one('', provider, dayUnixMs)
  if (direct === null) {
    throw new FleetFault(
      'FLEET_FILE',
      `direct_costs: expected the cost of ${provider} on ${dayOf(dayUnixMs)}, which provides a minor service, found none: add a row, with 0 where it has none`,
    )
  }
  return direct + sumOf(bills.map((bill) => (bill.provider === provider ? 0n : (bill.costs.get(provider) ?? 0n))))
}

/** Its provider is whose net cost is the lowest. */
function billsOf({ netCosts }: Inputs, dayUnixMs: number): Bill[] {
  return netCosts.groups().flatMap((service) => {
    const costs = new Map(netCosts.at(service, dayUnixMs))
    if ([...costs.values()].every((cost) => cost === 0n)) return []
    const lowest = [...costs.values()].reduce((low, cost) => (cost < low ? cost : low), 0n)
    const lowestUsers = [...costs].flatMap(([user, cost]) => (cost === lowest ? user : []))
    const [provider, other] = lowestUsers
    if (lowest === 0n || provider === undefined) throw providerFault(service, dayUnixMs, 'none')
    if (other !== undefined) throw providerFault(service, dayUnixMs, lowestUsers.sort().join(' and '))
    return [{ service, provider, costs }]
  })
}

function providerFault(service: string, dayUnixMs: number, found: string): FleetFault {
  return new FleetFault(
    'FLEET_FILE',
    `net_costs: expected one user of ${service} on ${dayOf(dayUnixMs)} with the lowest cost, below zero, which provides it, found ${found}: add what its provider received as a negative cost`,
  )
}

export function dayOf(unixMs: number): string {
  return new Date(unixMs).toISOString().slice(0, 10)
}
