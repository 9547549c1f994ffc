import type { SensorErrorCode } from '../model/sensor-error.ts'
import type { ChannelSnapshot, Snapshot } from '../model/snapshot.ts'
import { ACCELERATOR_METRICS } from './accelerator-metrics.ts'
import { CONSUMER_METRICS } from './consumer-metrics.ts'
import type { Metric, Sample } from './metric.ts'
import { joules, NO_LABELS, seconds, watts } from './metric-units.ts'
import { MODEL_METRICS } from './model-metrics.ts'
import { NODE_METRICS } from './node-metrics.ts'
import { SETTLED_METRICS } from './settled-metrics.ts'
import { WORKLOAD_METRICS } from './workload-metrics.ts'

const CHANNEL = ['sensor', 'scope', 'device'] as const
const perChannel =
  <Value>(value: (channel: ChannelSnapshot) => Value) =>
  ({ channels }: Snapshot): readonly Sample<Value>[] =>
    channels.map((channel) => {
      const { sensor, scope, device } = channel
      return [value(channel), { sensor, scope, device }]
    })

/** Counted from zero, since `increase()` does not see the first step of a series that appears with it. */
const READ_FAILURES = {
  SENSOR_TRANSIENT: 0,
  SENSOR_TIMEOUT: 0,
  SENSOR_CORRUPT: 0,
} satisfies Partial<Record<SensorErrorCode, number>>

/** All metrics of a snapshot. A new metric is one more entry. */
export const SNAPSHOT_METRICS: readonly Metric<Snapshot>[] = [
  ...NODE_METRICS,
  ...MODEL_METRICS,
  ...CONSUMER_METRICS,
  ...ACCELERATOR_METRICS,
  ...SETTLED_METRICS,
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
    help: 'Time for which the energy of this channel is unknown.',
    labels: CHANNEL,
    samples: perChannel((channel) => seconds(channel.unaccountedNs)),
  },
  {
    name: 'wattledger_register_wraps_total',
    type: 'counter',
    help: 'Times that the register of this channel wrapped; its energy was carried over. Absent for one of no known width, which cannot.',
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
    help: '1 while the sensor can be read, 0 while it is there but cannot be read.',
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
    help: 'Carbon intensity of electricity that is in force, in grams of CO2e per kilowatt hour.',
    labels: ['zone', 'basis', 'source'],
    samples: ({ intensities }) =>
      intensities.map(({ mgPerKwh, zone, basis, source }) => [Number(mgPerKwh) / 1000, { zone, basis, source }]),
  },
  {
    name: 'wattledger_carbon_intensity_age_seconds',
    type: 'gauge',
    help: 'Time since the start of the period that this intensity is for.',
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
    help: 'Power usage effectiveness, by which the energy of the machine is multiplied for its emissions.',
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
    help: 'Batches that wait in memory to be written.',
    labels: [],
    samples: ({ ledger }) => [[ledger.queuedBatches, NO_LABELS]],
  },
  {
    name: 'wattledger_ledger_dropped_batches_total',
    type: 'counter',
    help: 'Batches whose minutes and finest rows are missing: the queue was full. Hours and totals have their energy.',
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
    help: 'Energy of the machine that went to this daemon, by its share of the processor time, and to devices that its questions woke.',
    labels: [],
    samples: ({ selfEnergyUj }) => [[joules(selfEnergyUj), NO_LABELS]],
  },
  ...WORKLOAD_METRICS,
]
