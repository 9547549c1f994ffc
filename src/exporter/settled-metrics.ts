import type { SettledTotal } from '../model/attribution.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Metric, Sample } from './metric.ts'
import { exactly, NO_LABELS } from './metric-units.ts'
import { perBasis, SCOPES } from './node-metrics.ts'

/** The label of the machine as a whole. */
const NODE = ''

const BY_DIFFERENCE =
  'at the end of the last closed UTC hour, for the machine (tenant="") and for each tenant. For bills: subtract two samples; increase() and rate() mean nothing here.'

/** The node and each tenant. */
function perTenant(
  { settled }: Snapshot,
  samplesOf: (total: SettledTotal, tenant: string) => readonly Sample<number | null>[],
): readonly Sample<number | null>[] {
  if (settled === null) return []
  return [[NODE, settled.node] as const, ...settled.tenants].flatMap(([tenant, total]) => samplesOf(total, tenant))
}

/** The account as it will be billed: it changes once an hour, to what the ledger has. */
export const SETTLED_METRICS: readonly Metric<Snapshot>[] = [
  {
    name: 'wattledger_settled_energy_joules_total',
    type: 'counter',
    help: `Energy ${BY_DIFFERENCE}`,
    labels: ['tenant'],
    samples: (snapshot) => perTenant(snapshot, ({ energyUj }, tenant) => [[exactly(energyUj), { tenant }]]),
  },
  {
    name: 'wattledger_settled_co2e_grams_total',
    type: 'counter',
    help: `Emissions as booked ${BY_DIFFERENCE}`,
    labels: ['tenant', 'scope', 'basis', 'ef_basis'],
    samples: (snapshot) =>
      perTenant(snapshot, ({ co2eUg }, tenant) =>
        perBasis(
          co2eUg,
          snapshot.counted,
          (account, efBasis) => ({ tenant, scope: SCOPES[account], basis: account, ef_basis: efBasis }),
          exactly,
        ),
      ),
  },
  {
    name: 'wattledger_settled_water_liters_total',
    type: 'counter',
    help: `Water ${BY_DIFFERENCE}`,
    labels: ['tenant', 'source'],
    samples: (snapshot) =>
      perTenant(snapshot, ({ siteWaterUl, gridWaterUl }, tenant) => [
        [snapshot.counted.siteWater || siteWaterUl > 0n ? exactly(siteWaterUl) : null, { tenant, source: 'site' }],
        [snapshot.counted.gridWater || gridWaterUl > 0n ? exactly(gridWaterUl) : null, { tenant, source: 'grid' }],
      ]),
  },
  {
    name: 'wattledger_settled_until_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time up to which the settled counters count: the end of the last UTC hour that is closed.',
    labels: [],
    samples: ({ settled }) => (settled === null ? [] : [[settled.untilUnixMs / 1000, NO_LABELS]]),
  },
]
