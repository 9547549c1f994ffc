import { type ConsumerTotal, NO_SERIES } from '../model/attribution.ts'
import { OTHER } from '../model/consumer.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { LabelSets } from './label-sets.ts'
import type { Labels, Metric, Sample } from './metric.ts'
import { joules } from './metric-units.ts'

interface Parts {
  readonly idleUj: bigint
  readonly dynamicUj: bigint
}

const ENERGY = new LabelSets()
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
      byPart(exported(snapshot), ({ consumer: { kind, name }, tenant }) => ({ kind, consumer: name, tenant }), ENERGY),
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
