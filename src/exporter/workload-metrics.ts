import type { IntensityBasis } from '../model/carbon.ts'
import { QUALITIES } from '../model/posting.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { WorkloadSnapshot, WorkloadTotal, WorkloadUnit } from '../model/workload.ts'
import type { Labels, Metric, Sample } from './metric.ts'
import { joules, seconds } from './metric-units.ts'

const NG_PER_G = 1e9

const grams = (massNg: bigint): number => Number(massNg) / NG_PER_G

type Of<Value> = (workload: WorkloadSnapshot, labels: Labels) => readonly Sample<Value>[]

const perWorkload =
  <Value>(samples: Of<Value>) =>
  ({ workloads }: Snapshot): readonly Sample<Value>[] =>
    workloads.flatMap((workload) => samples(workload, { workload: workload.name }))

const perBoundary = <Value>(samples: Of<Value>) =>
  perWorkload<Value>((workload, labels) => samples(workload, { ...labels, boundary: workload.boundary }))

/** A figure per unit of each window in which units were counted: without any there is no quotient. */
function perUnit(figure: (total: WorkloadTotal) => { readonly value: number; readonly labels?: Labels } | null) {
  return perBoundary<number>(({ windows }, labels) =>
    windows.flatMap(({ window, total }) => {
      const found = figure(total)
      if (found === null) return []
      return unitsOf(total).flatMap(([unit, count]): Sample<number>[] =>
        count > 0 ? [[found.value / count, { ...labels, unit, window, ...found.labels }]] : [],
      )
    }),
  )
}

function unitsOf({ units }: WorkloadTotal): readonly (readonly [WorkloadUnit, number])[] {
  return Object.entries(units) as [WorkloadUnit, number][]
}

/** Null where a window has figures of two bases, which have no sum. */
function emitted({ locationNg }: WorkloadTotal): { readonly value: number; readonly labels: Labels } | null {
  const [first, ...others] = basesOf(locationNg)
  if (first === undefined || others.length > 0) return null
  const [basis, ng] = first
  return { value: grams(ng), labels: { ef_basis: basis } }
}

function basesOf(massNg: WorkloadTotal['locationNg']): readonly (readonly [IntensityBasis, bigint])[] {
  return Object.entries(massNg) as [IntensityBasis, bigint][]
}

/** ISO/IEC 21031: ((E · I) + M) per R. Without the M there is no score. */
function scored(total: WorkloadTotal): { readonly value: number; readonly labels: Labels } | null {
  const operational = emitted(total)
  if (operational === null || total.embodiedNg === null) return null
  return { ...operational, value: operational.value + grams(total.embodiedNg) }
}

export const WORKLOAD_METRICS: readonly Metric<Snapshot>[] = [
  {
    name: 'wattledger_workload_up',
    type: 'gauge',
    help: '1 while the server of the workload shows its counters.',
    labels: ['workload'],
    samples: perWorkload(({ isUp }, labels) => [[isUp ? 1 : 0, labels]]),
  },
  {
    name: 'wattledger_workload_units_total',
    type: 'counter',
    help: 'Units that the server counted since the agent began, in the time whose energy is known.',
    labels: ['workload', 'unit'],
    samples: perWorkload(({ total }, labels) => unitsOf(total).map(([unit, count]) => [count, { ...labels, unit }])),
  },
  {
    name: 'wattledger_workload_energy_joules_total',
    type: 'counter',
    help: 'Energy within the boundary in the very time in which the units were counted, by how it was obtained. Workloads that share a boundary have each all of it.',
    labels: ['workload', 'boundary', 'quality'],
    samples: perBoundary(({ total }, labels) =>
      QUALITIES.map((quality) => [joules(total.energyUj[quality] ?? 0n), { ...labels, quality }]),
    ),
  },
  {
    name: 'wattledger_workload_co2e_grams_total',
    type: 'counter',
    help: 'Emissions of that energy by location (scope 2), and the share of manufacture that fell due in that time (scope 3).',
    labels: ['workload', 'boundary', 'scope', 'basis', 'ef_basis'],
    samples: perBoundary(({ total }, labels) => [
      ...basesOf(total.locationNg).map(
        ([basis, ng]): Sample<number> => [grams(ng), { ...labels, scope: '2', basis: 'location', ef_basis: basis }],
      ),
      [
        total.embodiedNg === null ? null : grams(total.embodiedNg),
        { ...labels, scope: '3', basis: 'embodied', ef_basis: 'life-cycle' },
      ],
    ]),
  },
  {
    name: 'wattledger_workload_unaccounted_seconds_total',
    type: 'counter',
    help: 'Time in which the units or their energy are not known. It is in no other figure of the workload.',
    labels: ['workload'],
    samples: perWorkload(({ unaccountedNs }, labels) => [[seconds(unaccountedNs), labels]]),
  },
  {
    name: 'wattledger_workload_restarts_total',
    type: 'counter',
    help: 'Times that the counters of the server began anew.',
    labels: ['workload'],
    samples: perWorkload(({ restarts }, labels) => [[restarts, labels]]),
  },
  {
    name: 'wattledger_workload_joules_per_unit',
    type: 'gauge',
    help: 'Energy within the boundary per unit over a rolling window, absent while none was counted.',
    labels: ['workload', 'boundary', 'unit', 'window'],
    samples: perUnit(({ energyUj }) => ({
      value: joules(QUALITIES.reduce((sum, one) => sum + (energyUj[one] ?? 0n), 0n)),
    })),
  },
  {
    name: 'wattledger_workload_grams_per_unit',
    type: 'gauge',
    help: 'Emissions of the energy by location per unit over a rolling window.',
    labels: ['workload', 'boundary', 'unit', 'window', 'ef_basis'],
    samples: perUnit(emitted),
  },
  {
    name: 'wattledger_workload_sci_grams',
    type: 'gauge',
    help: 'Software carbon intensity (ISO/IEC 21031) with the unit as functional unit: emissions of the energy by location and the share of manufacture, per unit, over a rolling window.',
    labels: ['workload', 'boundary', 'unit', 'window', 'ef_basis'],
    samples: perUnit(scored),
  },
]
