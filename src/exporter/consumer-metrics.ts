import { type ConsumerTotal, NO_SERIES } from '../model/attribution.ts'
import { OTHER } from '../model/consumer.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { labelsOf } from './consumer-labels.ts'
import type { Metric } from './metric.ts'
import { grams, inUnits, joules } from './metric-units.ts'
import { eachMass, UL_PER_L } from './node-metrics.ts'

function eachExported({ attribution }: Snapshot, take: (total: ConsumerTotal) => void): void {
  attribution?.consumers.forEach((total) => {
    if (total.goneUnixMs !== NO_SERIES) take(total)
  })
}

/** Who used the machine's energy. */
export const CONSUMER_METRICS: readonly Metric<Snapshot>[] = [
  {
    name: 'wattledger_consumer_energy_joules_total',
    type: 'counter',
    help: 'Energy of the machine that went to a consumer while it is exported, as idle power by what it reserved and as dynamic power by what it used. kind="other" is the sum of a tenant\'s others. All of them grow as the node does.',
    labels: ['kind', 'consumer', 'tenant', 'part'],
    each: (snapshot, add) =>
      eachExported(snapshot, (total) => {
        const labels = labelsOf(total)
        add(joules(total.idleUj), labels.idle)
        add(joules(total.dynamicUj), labels.dynamic)
      }),
  },
  {
    name: 'wattledger_consumer_co2e_grams_total',
    type: 'counter',
    help: 'Emissions of that energy as booked, by GHG Protocol scope; of manufacture by what the consumer reserved. All of them grow as the node does. What later figures changed is in the ledger.',
    labels: ['kind', 'consumer', 'tenant', 'scope', 'basis', 'ef_basis'],
    each: (snapshot, add) =>
      eachExported(snapshot, (total) => {
        const labels = labelsOf(total)
        eachMass(total.booked.co2eUg, snapshot.counted, (ug, _, index) => add(grams(ug), labels.mass(index)))
      }),
  },
  {
    name: 'wattledger_consumer_water_liters_total',
    type: 'counter',
    help: 'Water of that energy, at the site and where the electricity was generated.',
    labels: ['kind', 'consumer', 'tenant', 'source'],
    each: (snapshot, add) =>
      eachExported(snapshot, (total) => {
        const { counted } = snapshot
        const { siteWaterUl, gridWaterUl } = total.booked
        const labels = labelsOf(total)
        // What is not counted is unknown.
        if (counted.siteWater || siteWaterUl > 0n) add(inUnits(siteWaterUl, UL_PER_L), labels.water('site'))
        if (counted.gridWater || gridWaterUl > 0n) add(inUnits(gridWaterUl, UL_PER_L), labels.water('grid'))
      }),
  },
  {
    name: 'wattledger_consumer_start_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which a consumer was first seen.',
    labels: ['kind', 'consumer'],
    each: (snapshot, add) =>
      eachExported(snapshot, (total) => {
        if (total.consumer.kind !== OTHER.kind) add(total.bornUnixMs / 1000, labelsOf(total).start)
      }),
  },
  {
    name: 'wattledger_tenant_energy_joules_total',
    type: 'counter',
    help: 'Energy of the machine that went to a tenant. The tenants sum to the machine and never disappear.',
    labels: ['tenant', 'part'],
    each: ({ attribution }, add) =>
      attribution?.tenants.forEach(({ tenant, idleUj, dynamicUj }) => {
        add(joules(idleUj), { tenant, part: 'idle' })
        add(joules(dynamicUj), { tenant, part: 'dynamic' })
      }),
  },
]
