import { type ConsumerTotal, NO_SERIES } from '../model/attribution.ts'
import { OTHER } from '../model/consumer.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { LabelSets } from './label-sets.ts'
import type { Labels, Metric, Sample } from './metric.ts'
import { inUnits, joules } from './metric-units.ts'
import { perBasis, SCOPES, UL_PER_L } from './node-metrics.ts'

interface Parts {
  readonly idleUj: bigint
  readonly dynamicUj: bigint
}

const ENERGY = new LabelSets()
const EMISSIONS = new LabelSets()
const WATER = new LabelSets()
const STARTS = new LabelSets()
const TENANTS = new LabelSets()

/** One series for each part of what each has used. */
function byPart<Total extends Parts>(
  totals: readonly Total[],
  labelsOf: (total: Total) => Labels,
  sets: LabelSets,
): Sample<number>[] {
  const labels = sets.of(
    totals.flatMap((total) => [
      { ...labelsOf(total), part: 'idle' },
      { ...labelsOf(total), part: 'dynamic' },
    ]),
  )
  const values = totals.flatMap(({ idleUj, dynamicUj }) => [joules(idleUj), joules(dynamicUj)])
  return labels.map((set, index) => [values[index] ?? 0, set])
}

/** Samples of all consumers, with the label sets of the last scrape. */
function perConsumer(
  snapshot: Snapshot,
  sets: LabelSets,
  samplesOf: (total: ConsumerTotal, labels: Labels) => readonly Sample<number>[],
): Sample<number>[] {
  const samples = exported(snapshot).flatMap((total) => {
    const { consumer, tenant } = total
    return samplesOf(total, { kind: consumer.kind, consumer: consumer.name, tenant })
  })
  const labels = sets.of(samples.map(([, set]) => set))
  return samples.map(([value, set], index) => [value, labels[index] ?? set])
}

function exported({ attribution }: Snapshot): readonly ConsumerTotal[] {
  return (attribution?.consumers ?? []).filter(({ goneUnixMs }) => goneUnixMs !== NO_SERIES)
}

/** What is not counted is unknown. */
function waterOf(ul: bigint, isCounted: boolean, labels: Labels): Sample<number>[] {
  return isCounted || ul > 0n ? [[inUnits(ul, UL_PER_L), labels]] : []
}

/** Who used the machine's energy. */
export const CONSUMER_METRICS: readonly Metric<Snapshot>[] = [
  {
    name: 'wattledger_consumer_energy_joules_total',
    type: 'counter',
    help: 'Energy of the machine that went to a consumer while it is exported, as idle power by what it reserved and as dynamic power by what it used. kind="other" is the sum of a tenant\'s others. All of them grow as the node does.',
    labels: ['kind', 'consumer', 'tenant', 'part'],
    samples: (snapshot) =>
      byPart(exported(snapshot), ({ consumer: { kind, name }, tenant }) => ({ kind, consumer: name, tenant }), ENERGY),
  },
  {
    name: 'wattledger_consumer_co2e_grams_total',
    type: 'counter',
    help: 'Emissions of that energy as booked, by GHG Protocol scope; of manufacture by what the consumer reserved. All of them grow as the node does. What later figures changed is in the ledger.',
    labels: ['kind', 'consumer', 'tenant', 'scope', 'basis', 'ef_basis'],
    samples: (snapshot) =>
      perConsumer(snapshot, EMISSIONS, ({ booked }, labels) =>
        perBasis(booked.co2eUg, snapshot.counted, (account, efBasis) => ({
          ...labels,
          scope: SCOPES[account],
          basis: account,
          ef_basis: efBasis,
        })),
      ),
  },
  {
    name: 'wattledger_consumer_water_liters_total',
    type: 'counter',
    help: 'Water of that energy, at the site and where the electricity was generated.',
    labels: ['kind', 'consumer', 'tenant', 'source'],
    samples: (snapshot) =>
      perConsumer(snapshot, WATER, ({ booked: { siteWaterUl, gridWaterUl } }, labels) => [
        ...waterOf(siteWaterUl, snapshot.counted.siteWater, { ...labels, source: 'site' }),
        ...waterOf(gridWaterUl, snapshot.counted.gridWater, { ...labels, source: 'grid' }),
      ]),
  },
  {
    name: 'wattledger_consumer_start_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which a consumer was first seen.',
    labels: ['kind', 'consumer'],
    samples: (snapshot) => {
      const single = exported(snapshot).filter(({ consumer }) => consumer.kind !== OTHER.kind)
      const labels = STARTS.of(single.map(({ consumer: { kind, name } }) => ({ kind, consumer: name })))
      return labels.map((set, index) => [(single[index]?.bornUnixMs ?? 0) / 1000, set])
    },
  },
  {
    name: 'wattledger_tenant_energy_joules_total',
    type: 'counter',
    help: 'Energy of the machine that went to a tenant. The tenants sum to the machine and never disappear.',
    labels: ['tenant', 'part'],
    samples: ({ attribution }) => byPart(attribution?.tenants ?? [], ({ tenant }) => ({ tenant }), TENANTS),
  },
]
