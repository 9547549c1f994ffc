import type { ConsumerSum, HistoryRows, UseSum } from '../../ledger/history-rows.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { timeOf, widened } from './history.ts'
import { kwhOf } from './step.ts'

const energyOf = ({ idleUj, dynamicUj }: UseSum) => ({
  energy_kwh: kwhOf(idleUj + dynamicUj),
  idle_kwh: kwhOf(idleUj),
  dynamic_kwh: kwhOf(dynamicUj),
})

const consumerOf = ({ kind, id, name, tenant, ...sum }: ConsumerSum) => ({
  kind,
  id,
  name,
  tenant,
  ...energyOf(sum as UseSum),
})

/** Who used the energy of a span, which is widened to whole hours, or days where hours are gone. */
export function useOf(rows: HistoryRows, wanted: { readonly from: number; readonly until: number }, most: number) {
  const hours = widened(wanted, HOUR_MS)
  const span = rows.cutsDay(hours) ? widened(wanted, DAY_MS) : hours
  const consumers = rows.consumers(span, most)
  const tenants = rows.tenants(span, most)
  return {
    from: timeOf(span.from),
    to: timeOf(span.until),
    energy_kwh: kwhOf(tenants[0]?.allUj ?? 0),
    consumers: consumers.map(consumerOf),
    consumers_left_out: (consumers[0]?.count ?? 0) - consumers.length,
    tenants: tenants.map((sum) => ({ tenant: sum.tenant, ...energyOf(sum) })),
    tenants_left_out: (tenants[0]?.count ?? 0) - tenants.length,
  }
}

export type Use = ReturnType<typeof useOf>
