import {
  type CarbonTotals,
  type Counted,
  EMISSION_ACCOUNTS,
  type EmissionAccount,
  INTENSITY_BASES,
  type IntensityBasis,
} from '../model/carbon.ts'
import { QUALITIES } from '../model/posting.ts'
import type { SensorErrorCode } from '../model/sensor-error.ts'
import type { ChannelSnapshot, Snapshot } from '../model/snapshot.ts'
import { NS_PER_S, UJ_PER_J, UJ_PER_KWH, wattsOf } from '../model/units.ts'
import { channelLabels } from './channel-labels.ts'
import { nodeFacts } from './label-names.ts'
import type { Labels, Metric, Sample } from './metric.ts'

const UG_PER_G = 1_000_000n
const UL_PER_L = 1_000_000n

/** Scopes of the GHG Protocol. */
const SCOPES = { location: '2', market: '2', embodied: '3' } as const

/**
 * A total in a larger unit. Rounding to double and dividing by a constant both keep the order of their inputs (IEEE 754),
 * so a total that never falls is exported as one that never falls.
 */
const inUnits = (total: bigint, unit: bigint): number => Number(total) / Number(unit)
const joules = (energyUj: bigint): number => inUnits(energyUj, UJ_PER_J)
const seconds = (durationNs: bigint): number => inUnits(durationNs, NS_PER_S)
const grams = (massUg: bigint): number => inUnits(massUg, UG_PER_G)
const watts = (powerUw: bigint | null): number | null => (powerUw === null ? null : wattsOf(powerUw))

const CHANNEL = ['sensor', 'scope', 'device'] as const
const perChannel =
  <Value>(value: (channel: ChannelSnapshot) => Value) =>
  ({ channels }: Snapshot): readonly Sample<Value>[] => {
    const labels = channelLabels(channels)
    return channels.map((channel, index) => [value(channel), labels[index] ?? NO_LABELS])
  }

const NO_LABELS: Labels = {}

/** One series for each basis of each account that is counted now or ever was: figures of two bases have no sum. */
function perBasis(
  massUg: CarbonTotals['bookedUg'],
  counted: Counted,
  labels: (account: EmissionAccount, basis: IntensityBasis) => Labels,
): Sample<number>[] {
  return EMISSION_ACCOUNTS.flatMap((account) =>
    INTENSITY_BASES.filter((basis) => counted[account].includes(basis) || massUg[account][basis] !== 0n).map(
      (basis): Sample<number> => [grams(massUg[account][basis]), labels(account, basis)],
    ),
  )
}

/** Counted from zero, since `increase()` does not see the first step of a series that appears with it. */
const READ_FAILURES = {
  SENSOR_TRANSIENT: 0,
  SENSOR_TIMEOUT: 0,
  SENSOR_CORRUPT: 0,
} satisfies Partial<Record<SensorErrorCode, number>>

/** All metrics of a snapshot, DESIGN section 6. A new metric is one more entry. */
export const SNAPSHOT_METRICS: readonly Metric<Snapshot>[] = [
  {
    name: 'wattledger_node_info',
    type: 'info',
    help: 'The machine, the meter that counts as its total, and its configured labels.',
    labels: ['node', 'meter'],
    facts: ({ node }) => nodeFacts({ node: node.name, meter: node.meter ?? 'none' }, node.labels),
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
      node.totals.parts.map(({ part, quality, energyUj }) => [joules(energyUj), { part, quality }]),
  },
  {
    name: 'wattledger_node_part_source_info',
    type: 'gauge',
    help: 'What a piece of hardware counts by: a sensor, "model", "rest" inside the meter of the whole machine, "waiting" for its meter, or "none".',
    labels: ['part', 'hardware', 'source'],
    samples: ({ node }) => node.leaves.map(({ part, hardware, source }) => [1, { part, hardware, source }]),
  },
  {
    name: 'wattledger_node_part_unaccounted_seconds_total',
    type: 'counter',
    help: 'Time in which nothing knew the energy of a piece of hardware, while the rest of the machine was counted.',
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
    help: '1 while meters of the parts measure more than the meter of the whole machine, and count instead of it.',
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
    help: 'Relative half-width of the 95 % interval of the energy of the last hour.',
    labels: [],
    samples: ({ node }) => [[node.uncertaintyRatio, NO_LABELS]],
  },
  {
    name: 'wattledger_node_co2e_grams_total',
    type: 'counter',
    help: 'Emissions as booked, by GHG Protocol scope: 2 for electricity by location or market, 3 for the share of manufacture. wattledger_co2e_correction_grams is what later data change.',
    labels: ['scope', 'basis', 'ef_basis'],
    samples: ({ carbon, counted }) =>
      perBasis(carbon.bookedUg, counted, (account, efBasis) => ({
        scope: SCOPES[account],
        basis: account,
        ef_basis: efBasis,
      })),
  },
  {
    name: 'wattledger_co2e_correction_grams',
    type: 'gauge',
    help: 'What restatements changed in booked emissions so far, signed. Booked emissions and this make the settled ones.',
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
    help: 'Water consumed at the site, and where the electricity was generated.',
    labels: ['source'],
    samples: ({ carbon, counted }) => [
      [counted.siteWater ? inUnits(carbon.siteWaterUl, UL_PER_L) : null, { source: 'site' }],
      [counted.gridWater ? inUnits(carbon.gridWaterUl, UL_PER_L) : null, { source: 'grid' }],
    ],
  },
  {
    name: 'wattledger_node_unaccounted_seconds_total',
    type: 'counter',
    help: 'Time that the energy of the machine does not cover.',
    labels: [],
    samples: ({ node }) => [[seconds(node.totals.unaccountedNs), NO_LABELS]],
  },
  {
    name: 'wattledger_energy_joules_total',
    type: 'counter',
    help: 'Energy of one channel. Scopes overlap: use the node counters for a total.',
    labels: CHANNEL,
    samples: perChannel((channel) => joules(channel.energyUj)),
  },
  {
    name: 'wattledger_power_watts',
    type: 'gauge',
    help: 'Power of one channel now, absent while its last reading is too old.',
    labels: CHANNEL,
    samples: perChannel((channel) => watts(channel.powerUw)),
  },
  {
    name: 'wattledger_unaccounted_seconds_total',
    type: 'counter',
    help: 'Time that the energy of this channel does not cover.',
    labels: CHANNEL,
    samples: perChannel((channel) => seconds(channel.unaccountedNs)),
  },
  {
    name: 'wattledger_register_wraps_total',
    type: 'counter',
    help: 'Times that the register of this channel passed its range and its energy was carried over.',
    labels: CHANNEL,
    samples: perChannel((channel) => channel.register?.wraps ?? null),
  },
  {
    name: 'wattledger_register_resets_total',
    type: 'counter',
    help: 'Times that the register of this channel fell without a wrap; the energy in between is unknown.',
    labels: CHANNEL,
    samples: perChannel((channel) => channel.register?.resets ?? null),
  },
  {
    name: 'wattledger_sensor_up',
    type: 'gauge',
    help: '1 while the sensor can be read, 0 while it is there and cannot.',
    labels: ['sensor'],
    samples: ({ sensors }) => sensors.map((sensor) => [sensor.up ? 1 : 0, { sensor: sensor.name }]),
  },
  {
    name: 'wattledger_sensor_last_reading_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time of the last good reading of the sensor.',
    labels: ['sensor'],
    samples: ({ sensors }) =>
      sensors.map((sensor) => [
        sensor.lastReadingUnixMs === null ? null : sensor.lastReadingUnixMs / 1000,
        { sensor: sensor.name },
      ]),
  },
  {
    name: 'wattledger_sensor_failures_total',
    type: 'counter',
    help: 'Readings that failed, by error code.',
    labels: ['sensor', 'code'],
    samples: ({ sensors }) =>
      sensors.flatMap((sensor) =>
        Object.entries({ ...READ_FAILURES, ...sensor.failures }).map(
          ([code, count]): Sample<number> => [count, { sensor: sensor.name, code }],
        ),
      ),
  },
  {
    name: 'wattledger_sensor_read_seconds',
    type: 'histogram',
    help: 'Time that one pass over the channels of the sensor took.',
    labels: ['sensor'],
    samples: ({ sensors }) => sensors.map((sensor) => [sensor.readSeconds, { sensor: sensor.name }]),
  },
  {
    name: 'wattledger_carbon_intensity_grams_per_kwh',
    type: 'gauge',
    help: 'Carbon intensity of electricity in force, CO2e per kilowatt hour.',
    labels: ['zone', 'basis', 'source'],
    samples: ({ intensities }) =>
      intensities.map(({ mgPerKwh, zone, basis, source }) => [Number(mgPerKwh) / 1000, { zone, basis, source }]),
  },
  {
    name: 'wattledger_carbon_intensity_age_seconds',
    type: 'gauge',
    help: 'Time since the start of the period for which this intensity was stated.',
    labels: ['zone', 'basis', 'source'],
    samples: ({ intensities, atUnixMs }) =>
      intensities.map(({ startsUnixMs, zone, basis, source }) => [
        (atUnixMs - startsUnixMs) / 1000,
        { zone, basis, source },
      ]),
  },
  {
    name: 'wattledger_pue_ratio',
    type: 'gauge',
    help: 'Power usage effectiveness by which the energy of the machine is multiplied for its emissions.',
    labels: [],
    samples: ({ puePpm }) => [[Number(puePpm) / 1e6, NO_LABELS]],
  },
  {
    name: 'wattledger_ledger_up',
    type: 'gauge',
    help: '1 while the ledger accepts writes.',
    labels: [],
    samples: ({ ledger }) => [[ledger.writable ? 1 : 0, NO_LABELS]],
  },
  {
    name: 'wattledger_ledger_queued_batches',
    type: 'gauge',
    help: 'Batches in memory that wait to be written.',
    labels: [],
    samples: ({ ledger }) => [[ledger.queuedBatches, NO_LABELS]],
  },
  {
    name: 'wattledger_ledger_dropped_batches_total',
    type: 'counter',
    help: 'Batches lost because the queue was full. Their energy stays in the totals, only their rows are missing.',
    labels: [],
    samples: ({ ledger }) => [[ledger.droppedBatches, NO_LABELS]],
  },
  {
    name: 'wattledger_ledger_size_bytes',
    type: 'gauge',
    help: 'Size of the ledger on disk.',
    labels: [],
    samples: ({ ledger }) => [[ledger.sizeBytes, NO_LABELS]],
  },
  {
    name: 'wattledger_self_energy_joules_total',
    type: 'counter',
    help: 'Share of the energy of the machine that went to this daemon, by its processor time.',
    labels: [],
    samples: ({ selfEnergyUj }) => [[joules(selfEnergyUj), NO_LABELS]],
  },
]
