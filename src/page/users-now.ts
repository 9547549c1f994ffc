import type { AttributionTotals, ConsumerTotal } from '../model/attribution.ts'
import type { Today } from './ledger/answer.ts'
import { round } from './ledger/step.ts'
import type { Pace } from './recent-pace.ts'

/** Consumers and tenants that are named. */
export const MOST_NAMED = 50

export interface NowConsumer {
  readonly kind: string
  readonly id: string
  readonly name: string
  readonly tenant: string
  /** Null for one that has gone, or is not exported by itself. */
  readonly power_w: number | null
  readonly idle_w: number | null
  readonly dynamic_w: number | null
  readonly today_kwh: number | null
}

export interface NowTenant {
  readonly tenant: string
  readonly power_w: number | null
  readonly today_kwh: number | null
}

export interface NowUse {
  readonly consumers: readonly NowConsumer[]
  readonly consumers_left_out: number
  readonly tenants: readonly NowTenant[]
  readonly tenants_left_out: number
}

/** Who uses the machine now, or has today; those with the most power first. */
export function usersNow(attribution: AttributionTotals | null, pace: Pace | null, today: Today | null): NowUse {
  const used = new Map(today?.use.consumers.map((one) => [keyOf(one), one]))
  const live = (attribution?.consumers ?? [])
    .filter(({ goneUnixMs }) => goneUnixMs === null)
    .map((total) => {
      const kwh = used.get(keyOf({ ...total.consumer, tenant: total.tenant }))?.energy_kwh ?? null
      return consumerOf(total, pace, kwh)
    })
  const alive = new Set(live.map(keyOf))
  const gone = [...used.values()]
    .filter((one) => !alive.has(keyOf(one)))
    .map(({ kind, id, name, tenant, energy_kwh }) => ({
      kind,
      id,
      name,
      tenant,
      power_w: null,
      idle_w: null,
      dynamic_w: null,
      today_kwh: energy_kwh,
    }))
  const consumers = [...live, ...gone].sort(byPower)
  const tenants = tenantsNow(attribution, pace, today).sort(byPower)
  return {
    consumers: consumers.slice(0, MOST_NAMED),
    consumers_left_out: leftOut(consumers, today?.use.consumers_left_out),
    tenants: tenants.slice(0, MOST_NAMED),
    tenants_left_out: leftOut(tenants, today?.use.tenants_left_out),
  }
}

function consumerOf(total: ConsumerTotal, pace: Pace | null, todayKwh: number | null): NowConsumer {
  const { kind, id, name } = total.consumer
  const watts = pace?.consumer(total) ?? null
  return {
    kind,
    id,
    name,
    tenant: total.tenant,
    power_w: watts && round(watts.idleW + watts.dynamicW),
    idle_w: watts && round(watts.idleW),
    dynamic_w: watts && round(watts.dynamicW),
    today_kwh: todayKwh,
  }
}

function tenantsNow(attribution: AttributionTotals | null, pace: Pace | null, today: Today | null): NowTenant[] {
  const used = new Map(today?.use.tenants.map(({ tenant, energy_kwh }) => [tenant, energy_kwh]))
  const names = new Set([...(attribution?.tenants ?? []).map(({ tenant }) => tenant), ...used.keys()])
  return [...names].flatMap((tenant) => {
    const watts = pace?.tenantW(tenant) ?? null
    const todayKwh = used.get(tenant) ?? null
    // Who was here once and is no more is no part of now.
    if (today !== null && todayKwh === null && !watts) return []
    return { tenant, power_w: watts === null ? null : round(watts), today_kwh: todayKwh }
  })
}

function byPower(a: NowTenant, b: NowTenant): number {
  return (b.power_w ?? -1) - (a.power_w ?? -1) || (b.today_kwh ?? 0) - (a.today_kwh ?? 0)
}

function leftOut(all: readonly unknown[], beyond = 0): number {
  return Math.max(0, all.length - MOST_NAMED) + beyond
}

function keyOf({ kind, id, tenant }: { readonly kind: string; readonly id: string; readonly tenant: string }): string {
  return `${kind}:${id}/${tenant}`
}
