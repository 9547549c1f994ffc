import { type ConsumerTotal, NO_SERIES, type SettledTotal, type TenantTotal } from '../../src/model/attribution.ts'
import { type EmissionAccount, INTENSITY_BASES, type ShownIntensity } from '../../src/model/carbon.ts'
import { CONSUMER_KINDS } from '../../src/model/consumer.ts'
import type { Footprint } from '../../src/model/footprint.ts'
import { PARTS } from '../../src/model/part.ts'
import { QUALITIES } from '../../src/model/posting.ts'
import type { ChannelSnapshot, HistogramSnapshot, SensorSnapshot, Snapshot } from '../../src/model/snapshot.ts'
import type { WorkloadSnapshot, WorkloadTotal } from '../../src/model/workload.ts'
import fc from '../property.ts'

/** Up to 2⁶³ µJ, what the ledger's INTEGER can hold. */
const total = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })
const count = fc.nat()
/** Any UTF-16 code units: quotes, newlines, backslashes, control characters, halves of surrogate pairs. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\r', '{', '}', ',', '=', '#', ' ', 'n', '\0'), maxLength: 6 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 6 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
)
/** What arithmetic may go wrong with. */
const figure = fc.oneof(fc.double({ min: 0, max: 1e6 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY))
const unixMs = fc.integer({ min: 0, max: 4_102_444_800_000 })

const channel: fc.Arbitrary<ChannelSnapshot> = fc.record({
  sensor: text,
  scope: fc.constantFrom('ac_in', 'package', 'core', 'dram', 'gpu'),
  device: text,
  energyUj: total,
  unaccountedNs: total,
  powerUw: fc.option(total),
  register: fc.option(fc.record({ wraps: count, resets: count })),
})

const histogram: fc.Arbitrary<HistogramSnapshot> = fc
  .uniqueArray(fc.double({ min: 1e-6, max: 100, noNaN: true }), { maxLength: 8 })
  .chain((bounds) =>
    fc.record({
      bounds: fc.constant(bounds.toSorted((a, b) => a - b)),
      counts: fc.array(count, { minLength: bounds.length + 1, maxLength: bounds.length + 1 }),
      sumSeconds: figure,
    }),
  )

const sensor: fc.Arbitrary<SensorSnapshot> = fc.record({
  name: text,
  up: fc.boolean(),
  lastReadingUnixMs: fc.option(unixMs),
  failures: fc.record({ SENSOR_TIMEOUT: count, SENSOR_CORRUPT: count, SENSOR_PERMISSION: count }, { requiredKeys: [] }),
  corruptChannels: fc.constant([]),
  readSeconds: histogram,
})

const intensity: fc.Arbitrary<ShownIntensity> = fc.record({
  zone: text,
  basis: fc.constantFrom('direct', 'life-cycle', 'marginal'),
  mgPerKwh: total,
  source: text,
  startsUnixMs: unixMs,
})

const workloadTotal: fc.Arbitrary<WorkloadTotal> = fc.record({
  units: fc.record({ request: figure, prompt_token: figure, output_token: figure }, { requiredKeys: [] }),
  energyUj: fc.record({ measured: total, derived: total, estimated: total }, { requiredKeys: [] }),
  locationNg: fc.record({ direct: total, 'life-cycle': total }, { requiredKeys: [] }),
  embodiedNg: fc.option(total),
})

const workload: fc.Arbitrary<WorkloadSnapshot> = fc.record({
  name: text,
  boundary: fc.constantFrom('gpu', 'machine', 'machine-with-pue'),
  isUp: fc.boolean(),
  total: workloadTotal,
  unaccountedNs: total,
  restarts: count,
  windows: fc.array(fc.record({ window: fc.constantFrom('1m', '5m', '1h'), total: workloadTotal }), { maxLength: 3 }),
})

function byEach<Value>(one: () => Value): Record<EmissionAccount, Value> {
  return { location: one(), market: one(), embodied: one() }
}

function byAccount(mass: fc.Arbitrary<bigint>) {
  return fc.record(byEach(() => fc.record({ direct: mass, 'life-cycle': mass })))
}

/** As a name of a control group may be: 255 bytes of anything but a slash. */
const groupName = fc.oneof(text, fc.string({ unit: fc.constantFrom('\n', '"', '\\', 'é', '😀', 'a'), maxLength: 63 }))

const footprint: fc.Arbitrary<Footprint> = fc.record({
  co2eUg: byAccount(total),
  siteWaterUl: total,
  gridWaterUl: total,
})

const parts = { idleUj: total, dynamicUj: total }
const tenant: fc.Arbitrary<TenantTotal> = fc.record({ tenant: text, ...parts })
const consumer: fc.Arbitrary<ConsumerTotal> = fc.record({
  consumer: fc.record({
    kind: fc.constantFrom(...CONSUMER_KINDS),
    id: groupName,
    name: groupName,
    labels: fc.dictionary(text, text, { maxKeys: 2 }),
  }),
  tenant: text,
  ...parts,
  booked: footprint,
  bornUnixMs: unixMs,
  goneUnixMs: fc.option(fc.oneof(unixMs, fc.constant(NO_SERIES))),
})

const settledTotal: fc.Arbitrary<SettledTotal> = fc
  .tuple(total, footprint)
  .map(([energyUj, figures]) => ({ energyUj, ...figures }))

export const arbitrarySnapshot: fc.Arbitrary<Snapshot> = fc.record({
  atUnixMs: unixMs,
  node: fc.record({
    name: text,
    labels: fc.dictionary(text, text, { maxKeys: 5 }),
    totals: fc.record({
      energyUj: fc.record({ measured: total, derived: total, estimated: total }),
      parts: fc.array(
        fc.record({ part: fc.constantFrom(...PARTS), quality: fc.constantFrom(...QUALITIES), energyUj: total }),
      ),
      unaccountedNs: total,
      leafGaps: fc.array(fc.record({ name: text, unaccountedNs: total }), { maxLength: 3 }),
    }),
    meter: fc.option(text),
    powerUw: fc.option(total),
    uncertaintyRatio: fc.option(figure),
    leaves: fc.array(fc.record({ part: fc.constantFrom(...PARTS), hardware: text, source: text }), { maxLength: 4 }),
    partShares: fc.constantFrom([], [{ part: 'rest' as const, electricity: 1, making: null }]),
    partsExceedMeter: fc.boolean(),
    models: fc.array(fc.record({ meter: fc.string(), changes: fc.nat() }), { maxLength: 3 }),
    modelResidualW: fc.option(fc.double()),
  }),
  channels: fc.array(channel, { maxLength: 6 }),
  sensors: fc.array(sensor, { maxLength: 4 }),
  carbon: fc.record({
    bookedUg: byAccount(total),
    correctionUg: byAccount(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    siteWaterUl: total,
    gridWaterUl: total,
    claimedUj: fc.constant({}),
  }),
  counted: fc.record({
    ...byEach(() => fc.subarray([...INTENSITY_BASES])),
    siteWater: fc.boolean(),
    gridWater: fc.boolean(),
  }),
  intensities: fc.array(intensity, { maxLength: 3 }),
  puePpm: total,
  ledger: fc.record({
    writable: fc.boolean(),
    queuedBatches: count,
    droppedBatches: count,
    sizeBytes: count,
    message: fc.option(text),
  }),
  selfEnergyUj: total,
  workloads: fc.array(workload, { maxLength: 3 }),
  attribution: fc.option(
    fc.record({ consumers: fc.array(consumer, { maxLength: 6 }), tenants: fc.array(tenant, { maxLength: 3 }) }),
  ),
  settled: fc.option(
    fc.record({
      untilUnixMs: unixMs,
      node: settledTotal,
      tenants: fc.array(fc.tuple(text, settledTotal), { maxLength: 3 }).map((entries) => new Map(entries)),
    }),
  ),
})
