import {
  type CarbonTotals,
  type Counted,
  EMISSION_ACCOUNTS,
  type EmissionAccount,
  INTENSITY_BASES,
  type IntensityBasis,
} from '../model/carbon.ts'
import { QUALITIES } from '../model/posting.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { UJ_PER_KWH } from '../model/units.ts'
import { nodeFacts } from './label-names.ts'
import type { Labels, Metric, Sample } from './metric.ts'
import { grams, inUnits, joules, NO_LABELS, seconds, watts } from './metric-units.ts'

export const UL_PER_L = 1_000_000n

/** Scopes of the GHG Protocol. */
export const SCOPES = { location: '2', market: '2', embodied: '3' } as const

/** Accounts of emissions with their bases, in the order in which they are shown. */
export const MASSES: readonly { readonly account: EmissionAccount; readonly basis: IntensityBasis }[] =
  EMISSION_ACCOUNTS.flatMap((account) => INTENSITY_BASES.map((basis) => ({ account, basis })))

/** One series for each basis of each account that is counted now or ever was: figures of two bases have no sum. */
export function perBasis(
  massUg: CarbonTotals['bookedUg'],
  counted: Counted,
  labels: (account: EmissionAccount, basis: IntensityBasis) => Labels,
  unit = grams,
): Sample<number>[] {
  const samples: Sample<number>[] = []
  eachMass(massUg, counted, (ug, { account, basis }) => void samples.push([unit(ug), labels(account, basis)]))
  return samples
}

/** The same one by one, with its place in MASSES. */
export function eachMass(
  massUg: CarbonTotals['bookedUg'],
  counted: Counted,
  take: (ug: bigint, mass: (typeof MASSES)[number], index: number) => void,
): void {
  MASSES.forEach((mass, index) => {
    const ug = massUg[mass.account][mass.basis]
    if (ug !== 0n || counted[mass.account].includes(mass.basis)) take(ug, mass, index)
  })
}

/** From the first one on, which has used nothing by then, so that no step of the counter is unseen. */
function hasAccelerators({ leaves, totals }: Snapshot['node']): boolean {
  return [...leaves, ...totals.parts.filter(({ energyUj }) => energyUj > 0n)].some(
    ({ part }) => part === 'accelerators',
  )
}

/** The machine as a whole, and its parts. */
export const NODE_METRICS: readonly Metric<Snapshot>[] = [
  {
    name: 'wattledger_node_info',
    type: 'info',
    help: 'The machine, the meter that counts as its total, and its configured labels.',
    labels: ['node', 'meter', 'machine'],
    facts: ({ node: { name, meter, machine, labels } }) =>
      nodeFacts({ node: name, meter: meter ?? 'none', ...(machine && { machine }) }, labels),
  },
  {
    name: 'wattledger_node_energy_joules_total',
    type: 'counter',
    help: 'Energy of the whole machine by how it was obtained: measured, derived or estimated.',
    labels: ['quality'],
    samples: ({ node }) => QUALITIES.map((quality) => [joules(node.totals.energyUj[quality]), { quality }]),
  },
  {
    name: 'wattledger_node_energy_kwh_total',
    type: 'counter',
    help: 'Energy of the whole machine in kilowatt hours: the joules divided by 3.6 million.',
    labels: ['quality'],
    samples: ({ node }) =>
      QUALITIES.map((quality) => [inUnits(node.totals.energyUj[quality], UJ_PER_KWH), { quality }]),
  },
  {
    name: 'wattledger_node_part_energy_joules_total',
    type: 'counter',
    help: 'Energy of one part of the machine by how it was obtained. The parts sum to the whole machine.',
    labels: ['part', 'quality'],
    samples: ({ node }) =>
      node.totals.parts
        .filter(({ part }) => part !== 'accelerators' || hasAccelerators(node))
        .map(({ part, quality, energyUj }) => [joules(energyUj), { part, quality }]),
  },
  {
    name: 'wattledger_node_part_state_energy_joules_total',
    type: 'counter',
    help: 'Energy of one part of the machine, split into what it draws when nothing happens and what it draws beyond. Begins with attribution, and comes as late as that of consumers.',
    labels: ['part', 'state'],
    samples: ({ attribution }) =>
      (attribution?.parts ?? []).flatMap(({ part, idleUj, dynamicUj }): Sample<number>[] => [
        [joules(idleUj), { part, state: 'idle' }],
        [joules(dynamicUj), { part, state: 'dynamic' }],
      ]),
  },
  {
    name: 'wattledger_node_part_source_info',
    type: 'gauge',
    help: 'Source of the energy of a piece of hardware: a sensor, "siblings", "model", "rest" inside the meter of the whole machine, "waiting" for its meter, or "none".',
    labels: ['part', 'hardware', 'source'],
    samples: ({ node }) => node.leaves.map(({ part, hardware, source }) => [1, { part, hardware, source }]),
  },
  {
    name: 'wattledger_node_part_unaccounted_seconds_total',
    type: 'counter',
    help: 'Time for which the energy of a piece of hardware is unknown, while the rest of the machine was counted.',
    labels: ['part', 'hardware'],
    samples: ({ node }) =>
      node.totals.leafGaps.map(({ name, unaccountedNs }) => {
        const [part = '', ...hardware] = name.split('/')
        return [seconds(unaccountedNs), { part, hardware: hardware.join('/') }]
      }),
  },
  {
    name: 'wattledger_node_parts_exceed_meter',
    type: 'gauge',
    help: '1 while the meters of the parts measure more than the meter of the whole machine and count instead of it.',
    labels: [],
    samples: ({ node }) => [[node.partsExceedMeter ? 1 : 0, NO_LABELS]],
  },
  {
    name: 'wattledger_node_power_watts',
    type: 'gauge',
    help: 'Power of the whole machine now, absent while no reading is fresh.',
    labels: [],
    samples: ({ node }) => [[watts(node.powerUw), NO_LABELS]],
  },
  {
    name: 'wattledger_node_energy_uncertainty_ratio',
    type: 'gauge',
    help: 'Relative half-width of the 95 % interval for the energy of the last hour.',
    labels: [],
    samples: ({ node }) => [[node.uncertaintyRatio, NO_LABELS]],
  },
  {
    name: 'wattledger_node_co2e_grams_total',
    type: 'counter',
    help: 'Emissions as booked, by GHG Protocol scope: 2 for electricity by location or market, 3 for the share of manufacture. wattledger_co2e_correction_grams is what later data changed.',
    labels: ['scope', 'basis', 'ef_basis'],
    samples: ({ carbon, counted }) =>
      perBasis(carbon.bookedUg, counted, (account, efBasis) => ({
        scope: SCOPES[account],
        basis: account,
        ef_basis: efBasis,
      })),
  },
  {
    name: 'wattledger_node_part_co2e_share',
    type: 'gauge',
    help: 'Share of a part in the emissions of the machine, by GHG Protocol scope: of 2 its share in the power of now, of 3 its share in the manufacture. The parts of a scope sum to 1.',
    labels: ['part', 'scope'],
    samples: ({ node }) =>
      node.partShares.flatMap(({ part, electricity, making }): Sample<number | null>[] => [
        [electricity, { part, scope: SCOPES.location }],
        [making, { part, scope: SCOPES.embodied }],
      ]),
  },
  {
    name: 'wattledger_co2e_correction_grams',
    type: 'gauge',
    help: 'Signed change of the booked emissions by all restatements so far. Booked plus correction is settled.',
    labels: ['basis', 'ef_basis'],
    samples: ({ carbon, counted }) =>
      perBasis(carbon.correctionUg, { ...counted, embodied: [] }, (account, efBasis) => ({
        basis: account,
        ef_basis: efBasis,
      })),
  },
  {
    name: 'wattledger_node_water_liters_total',
    type: 'counter',
    help: 'Water consumed at the site and where the electricity was generated.',
    labels: ['source'],
    samples: ({ carbon, counted }) => [
      [counted.siteWater ? inUnits(carbon.siteWaterUl, UL_PER_L) : null, { source: 'site' }],
      [counted.gridWater ? inUnits(carbon.gridWaterUl, UL_PER_L) : null, { source: 'grid' }],
    ],
  },
  {
    name: 'wattledger_node_unaccounted_seconds_total',
    type: 'counter',
    help: 'Time for which the energy of the machine is unknown.',
    labels: [],
    samples: ({ node }) => [[seconds(node.totals.unaccountedNs), NO_LABELS]],
  },
]
