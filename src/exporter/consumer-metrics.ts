import { type ConsumerTotal, NO_SERIES } from '../model/attribution.ts'
import { OTHER } from '../model/consumer.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Labels, Metric, Sample } from './metric.ts'
import { inUnits, joules } from './metric-units.ts'
import { addPerBasis, SCOPES, UL_PER_L } from './node-metrics.ts'

interface Parts {
  readonly idleUj: bigint
  readonly dynamicUj: bigint
}

/** One series for each part of what each has used. */
function byPart<Total extends Parts>(
  totals: readonly Total[],
  labelsOf: (total: Total, part: 'idle' | 'dynamic') => Labels,
): Sample<number>[] {
  const samples: Sample<number>[] = []
  totals.forEach((total) => {
    samples.push([joules(total.idleUj), labelsOf(total, 'idle')], [joules(total.dynamicUj), labelsOf(total, 'dynamic')])
  })
  return samples
}

function exported({ attribution }: Snapshot): readonly ConsumerTotal[] {
  return (attribution?.consumers ?? []).filter(({ goneUnixMs }) => goneUnixMs !== NO_SERIES)
}

/** Who used the machine's energy. */
export const CONSUMER_METRICS: readonly Metric<Snapshot>[] = [
  {
    name: 'wattledger_consumer_energy_joules_total',
    type: 'counter',
    help: 'Energy of the machine that went to a consumer while it is exported, as idle power by what it reserved and as dynamic power by what it used. kind="other" is the sum of a tenant\'s others. All of them grow as the node does.',
    labels: ['kind', 'consumer', 'tenant', 'part'],
    samples: (snapshot) =>
      byPart(exported(snapshot), ({ consumer: { kind, name }, tenant }, part) => ({
        kind,
        consumer: name,
        tenant,
        part,
      })),
  },
  {
    name: 'wattledger_consumer_co2e_grams_total',
    type: 'counter',
    help: 'Emissions of that energy as booked, by GHG Protocol scope; of manufacture by what the consumer reserved. All of them grow as the node does. What later figures changed is in the ledger.',
    labels: ['kind', 'consumer', 'tenant', 'scope', 'basis', 'ef_basis'],
    samples: (snapshot) => {
      const samples: Sample<number>[] = []
      exported(snapshot).forEach(({ consumer: { kind, name }, tenant, booked }) => {
        addPerBasis(samples, booked.co2eUg, snapshot.counted, (account, efBasis) => ({
          kind,
          consumer: name,
          tenant,
          scope: SCOPES[account],
          basis: account,
          ef_basis: efBasis,
        }))
      })
      return samples
    },
  },
  {
    name: 'wattledger_consumer_water_liters_total',
    type: 'counter',
    help: 'Water of that energy, at the site and where the electricity was generated.',
    labels: ['kind', 'consumer', 'tenant', 'source'],
    samples: (snapshot) => {
      const samples: Sample<number>[] = []
      const { counted } = snapshot
      exported(snapshot).forEach(({ consumer: { kind, name }, tenant, booked: { siteWaterUl, gridWaterUl } }) => {
        // What is not counted is unknown.
        const add = (ul: bigint, isCounted: boolean, source: string) => {
          if (isCounted || ul > 0n) samples.push([inUnits(ul, UL_PER_L), { kind, consumer: name, tenant, source }])
        }
        add(siteWaterUl, counted.siteWater, 'site')
        add(gridWaterUl, counted.gridWater, 'grid')
      })
      return samples
    },
  },
  {
    name: 'wattledger_consumer_start_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which a consumer was first seen.',
    labels: ['kind', 'consumer'],
    samples: (snapshot) =>
      exported(snapshot)
        .filter(({ consumer }) => consumer.kind !== OTHER.kind)
        .map(({ consumer: { kind, name }, bornUnixMs }) => [bornUnixMs / 1000, { kind, consumer: name }]),
  },
  {
    name: 'wattledger_tenant_energy_joules_total',
    type: 'counter',
    help: 'Energy of the machine that went to a tenant. The tenants sum to the machine and never disappear.',
    labels: ['tenant', 'part'],
    samples: ({ attribution }) => byPart(attribution?.tenants ?? [], ({ tenant }, part) => ({ tenant, part })),
  },
]
