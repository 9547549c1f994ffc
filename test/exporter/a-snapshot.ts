import { type ConsumerTotal, NO_SERIES, type SettledTotal } from '../../src/model/attribution.ts'
import { type Consumer, OTHER } from '../../src/model/consumer.ts'
import { footprintOf } from '../../src/model/footprint.ts'
import type { ChannelSnapshot, HistogramSnapshot, SensorSnapshot, Snapshot } from '../../src/model/snapshot.ts'

/** 2026-03-01T12:00:00Z. */
const AT_UNIX_MS = 1_772_366_400_000

const readSeconds: HistogramSnapshot = {
  bounds: [0.0001, 0.001, 0.01, 0.1, 1],
  counts: [120, 3_400, 52, 3, 0, 1],
  sumSeconds: 4.25,
}

function channel(
  over: Pick<ChannelSnapshot, 'sensor' | 'scope' | 'device'> & Partial<ChannelSnapshot>,
): ChannelSnapshot {
  return { energyUj: 0n, unaccountedNs: 0n, powerUw: 0n, register: null, ...over }
}

/** A two-socket server with a BMC, one of whose GPUs has fallen off the bus. */
export const A_SNAPSHOT: Snapshot = {
  atUnixMs: AT_UNIX_MS,
  node: {
    name: 'db-17',
    machine: '0123456789abcdef0123456789abcdef',
    labels: { rack: 'r12', campus: 'fra1' },
    totals: {
      energyUj: { measured: 612_345_678_901_234n, derived: 40_000_000_000_000n, estimated: 1_250_000_000n },
      parts: [
        { part: 'processors', quality: 'measured', energyUj: 399_500_000_000_001n },
        { part: 'memory', quality: 'measured', energyUj: 22_100_000_000_000n },
        { part: 'accelerators', quality: 'measured', energyUj: 91_501_000_500_000n },
        { part: 'rest', quality: 'measured', energyUj: 99_244_678_401_233n },
        { part: 'rest', quality: 'estimated', energyUj: 30_001_250_000_000n },
        { part: 'supply_loss', quality: 'derived', energyUj: 10_000_000_000_000n },
      ],
      unaccountedNs: 83_500_000_000n,
      leafGaps: [{ name: 'accelerators/0000:5e:00.0', unaccountedNs: 7_230_000_000_000n }],
    },
    meter: 'ipmi-dcmi',
    powerUw: 412_000_000n,
    uncertaintyRatio: 0.021,
    leaves: [
      { part: 'processors', hardware: 'socket-0', source: 'rapl' },
      { part: 'processors', hardware: 'socket-1', source: 'rapl' },
      { part: 'accelerators', hardware: '0000:3b:00.0', source: 'nvml' },
      { part: 'accelerators', hardware: '0000:5e:00.0', source: 'waiting' },
    ],
    partShares: [
      { part: 'processors', electricity: 0.75, making: 0.4 },
      { part: 'rest', electricity: 0.25, making: 0.6 },
    ],
    partsExceedMeter: false,
    models: [{ meter: 'dcmi', changes: 1 }],
    modelResidualW: -3.5,
  },
  channels: [
    channel({
      sensor: 'rapl',
      scope: 'package',
      device: 'package-0',
      energyUj: 201_000_000_000_001n,
      powerUw: 118_250_000n,
      register: { wraps: 767, resets: 0 },
    }),
    channel({
      sensor: 'rapl',
      scope: 'package',
      device: 'package-1',
      energyUj: 198_500_000_000_000n,
      powerUw: 96_100_000n,
      register: { wraps: 757, resets: 0 },
    }),
    channel({
      sensor: 'rapl',
      scope: 'dram',
      device: 'package-0',
      energyUj: 22_100_000_000_000n,
      powerUw: 9_400_000n,
      register: { wraps: 337, resets: 0 },
    }),
    channel({
      sensor: 'nvml',
      scope: 'gpu',
      device: 'GPU-5f6e2a31-0c1d-4b7a-9a55-2f8f4d1c9e07',
      energyUj: 90_250_000_500_000n,
      powerUw: 71_012_000n,
      register: { wraps: 0, resets: 1 },
      unaccountedNs: 2_000_000_000n,
    }),
    channel({
      sensor: 'nvml',
      scope: 'gpu',
      device: 'GPU-b0a9d8c7-1122-3344-5566-77889900aabb',
      energyUj: 1_250_500_000n,
      powerUw: null,
      register: { wraps: 0, resets: 0 },
      unaccountedNs: 7_230_000_000_000n,
    }),
    channel({ sensor: 'ipmi', scope: 'ac_in', device: 'bmc', energyUj: 652_347_000_000_000n, powerUw: 412_000_000n }),
  ],
  sensors: [
    sensor('rapl', true, 400, {}),
    sensor('nvml', false, 7_230_000, { SENSOR_TRANSIENT: 12, SENSOR_TIMEOUT: 3 }),
    sensor('ipmi', true, 3_100, { SENSOR_TIMEOUT: 1 }),
  ],
  carbon: {
    bookedUg: {
      location: { direct: 1_200_000_000n, 'life-cycle': 68_912_345_678n },
      market: { direct: 0n, 'life-cycle': 0n },
      embodied: { direct: 0n, 'life-cycle': 9_876_543_210n },
    },
    correctionUg: {
      location: { direct: 0n, 'life-cycle': -512_345_678n },
      market: { direct: 0n, 'life-cycle': 0n },
      embodied: { direct: 0n, 'life-cycle': 0n },
    },
    siteWaterUl: 0n,
    gridWaterUl: 351_234_567n,
    claimedUj: {},
  },
  counted: {
    location: ['life-cycle'],
    market: [],
    embodied: ['life-cycle'],
    siteWater: false,
    gridWater: true,
  },
  intensities: [
    {
      zone: 'DE',
      basis: 'life-cycle',
      mgPerKwh: 381_400n,
      source: 'static:ember-2024',
      startsUnixMs: 1_704_067_200_000,
    },
  ],
  puePpm: 1_120_000n,
  ledger: { writable: true, queuedBatches: 0, droppedBatches: 0, sizeBytes: 12_345_344, message: null },
  selfEnergyUj: 93_000_000n,
  workloads: [
    {
      name: 'chat',
      boundary: 'machine-with-pue',
      isUp: true,
      total: {
        units: { request: 1_200, prompt_token: 840_000, output_token: 360_000 },
        energyUj: { measured: 890_000_000_000n, derived: 10_000_000_000n },
        locationNg: { 'life-cycle': 95_350_000_000n },
        embodiedNg: 12_000_000_000n,
      },
      unaccountedNs: 31_500_000_000n,
      restarts: 1,
      windows: [
        {
          window: '5m',
          total: {
            units: { request: 60, prompt_token: 42_000, output_token: 20_000 },
            energyUj: { measured: 119_000_000_000n, derived: 1_000_000_000n },
            locationNg: { 'life-cycle': 12_713_333_333n },
            embodiedNg: 1_600_000_000n,
          },
        },
      ],
    },
  ],
  attribution: {
    consumers: [
      consumer({ kind: 'system', id: '', name: 'system', labels: {} }, 'unassigned', 1_000_000n),
      consumer({ kind: 'service', id: 'nginx.service', name: 'nginx.service', labels: {} }, 'web', 2_000_001n),
      consumer({ kind: 'pod', id: 'u-1', name: 'shop/cart-0', labels: { namespace: 'shop' } }, 'shop', 3_000_000n),
      { ...consumer({ kind: 'pod', id: 'u-0', name: 'shop/old', labels: {} }, 'shop', 4n), goneUnixMs: NO_SERIES },
      consumer(OTHER, 'web', 5_000_000n),
    ],
    parts: [
      { part: 'processors', idleUj: 90_000_000n, dynamicUj: 250_000_001n, waitingUj: 3n },
      { part: 'rest', idleUj: 0n, dynamicUj: 7n, waitingUj: 0n },
    ],
    tenants: [
      { tenant: 'unassigned', idleUj: 700_000n, dynamicUj: 300_000n },
      { tenant: 'web', idleUj: 3_500_001n, dynamicUj: 3_500_000n },
      { tenant: 'shop', idleUj: 2_000_004n, dynamicUj: 1_000_000n },
    ],
    accelerators: [
      { leaf: 'accelerators/0000:3b:00.0', sharing: 'time-sliced', holders: 2, reservedIdleNs: 90_500_000_000n },
      { leaf: 'accelerators/0000:af:00.0', sharing: null, holders: 0, reservedIdleNs: 0n },
    ],
  },
  settled: {
    untilUnixMs: AT_UNIX_MS,
    node: settled(652_000_123_456_789n),
    tenants: new Map([
      ['unassigned', settled(1_000_000n)],
      ['shop', settled(3_000_004n)],
      ['web', settled(651_999_119_456_785n)],
    ]),
  },
}

function consumer(of: Consumer, tenant: string, energyUj: bigint): ConsumerTotal {
  const idleUj = energyUj / 2n
  return {
    consumer: of,
    tenant,
    idleUj,
    dynamicUj: energyUj - idleUj,
    booked: footprintOf([0n, energyUj / 9_000n, 0n, 0n, 0n, energyUj / 70_000n, 0n, energyUj / 3_600_000n]),
    bornUnixMs: AT_UNIX_MS - 90_250,
    goneUnixMs: null,
  }
}

function settled(energyUj: bigint): SettledTotal {
  const nothing = { direct: 0n, 'life-cycle': 0n }
  return {
    energyUj,
    co2eUg: {
      location: { direct: 0n, 'life-cycle': energyUj / 9_000n },
      market: nothing,
      embodied: { direct: 0n, 'life-cycle': energyUj / 70_000n },
    },
    siteWaterUl: 0n,
    gridWaterUl: energyUj / 3_600_000n,
  }
}

function sensor(name: string, up: boolean, ageMs: number, failures: SensorSnapshot['failures']): SensorSnapshot {
  return { name, up, lastReadingUnixMs: AT_UNIX_MS - ageMs, failures, corruptChannels: [], readSeconds }
}
