import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import type { ChannelRow, GapRow, LedgerBatch, NodeRow } from '../../src/model/batch.ts'
import type { EmissionRow, Factor } from '../../src/model/carbon.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { afterwards, PACKAGE, scratchDirectory, startLedger, steadyBatch, T0 } from './setting.ts'

const MINUTE_MS = 60_000

/** A minute of the node from one meter; `minute` counts from 02:00. */
function nodeMinute(minute: number, meter: string, energyUj: bigint, overrides: Partial<NodeRow> = {}): NodeRow {
  const startUnixMs = T0 + minute * MINUTE_MS
  return {
    startUnixMs,
    endUnixMs: startUnixMs + MINUTE_MS,
    meter,
    quality: 'measured',
    energyUj,
    uncertaintyUj: 0n,
    coveredMs: MINUTE_MS,
    co2eLocationUg: 0n,
    co2eMarketUg: null,
    embodiedUg: null,
    siteWaterUl: null,
    gridWaterUl: null,
    facilityUj: energyUj,
    ...overrides,
  }
}

function channelMinute(minute: number, energyUj: bigint, overrides: Partial<ChannelRow> = {}): ChannelRow {
  const startUnixMs = T0 + minute * MINUTE_MS
  const maxUw = energyUj / 60n
  const coveredMs = MINUTE_MS
  return {
    key: PACKAGE,
    startUnixMs,
    endUnixMs: startUnixMs + MINUTE_MS,
    energyUj,
    coveredMs,
    maxUw,
    bridged: false,
    ...overrides,
  }
}

async function rowsOf(t: TestContext, view: string, batch: Partial<LedgerBatch>, columns = '*'): Promise<unknown[]> {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  assert.equal(ledger.write({ ...steadyBatch(0), channelRows: [], nodeRows: [], ...batch }), true)
  const db = openReadOnly(path)
  afterwards(t, () => db.close())
  return db.prepare(`SELECT ${columns} FROM ${view}`).all()
}

/** Hour 2 has a meter of the machine and a model, hour 3 a half-known market factor, the next day a single minute. */
const NODE_ROWS = [
  nodeMinute(0, 'psys', 1_800_000_000_000n, { uncertaintyUj: 30_000_000_000n, co2eLocationUg: 200_000_000n }),
  nodeMinute(1, 'psys', 1_800_000_000_000n, { uncertaintyUj: 20_000_000_000n, co2eLocationUg: 100_000_000n }),
  nodeMinute(2, 'model', 360_000_000_000n, {
    quality: 'estimated',
    uncertaintyUj: 120_000_000_000n,
    coveredMs: 30_000,
    co2eLocationUg: 40_500_001n,
    facilityUj: 558_000_000_000n,
  }),
  nodeMinute(60, 'components', 36_000_000_000n, {
    quality: 'derived',
    co2eMarketUg: 5_000_000n,
    embodiedUg: 1_000_000n,
  }),
  nodeMinute(61, 'components', 36_000_000_000n, { co2eMarketUg: null, embodiedUg: 2_000_000n }),
  nodeMinute(24 * 60, 'psys', 0n),
]

/** Those of energy, and of emissions as far as rows alone tell. */
const NODE = `energy_kwh, measured_kwh, derived_kwh, estimated_kwh, uncertainty_pct, coverage_pct, meter,
  co2e_location_g, co2e_market_g, embodied_g, pue`

test('node_hourly: by quality, uncertainty within and between meters, whole-hour coverage, unknown as null', async (t) => {
  assert.deepEqual(await rowsOf(t, 'node_hourly', { nodeRows: NODE_ROWS }, `hour, ${NODE}`), [
    {
      hour: '2026-11-22T02:00:00Z',
      energy_kwh: 1.1,
      measured_kwh: 1,
      derived_kwh: 0,
      estimated_kwh: 0.1,
      uncertainty_pct: 6.57, // 2 × √((0.03 + 0.02)² + 0.12²) of 3.96 MJ
      coverage_pct: 4.17, // 150 s of 3600 s
      meter: 'psys,model',
      co2e_location_g: 340.500001,
      co2e_market_g: null,
      embodied_g: null,
      pue: 1.05, // (3.6 × 1 + 0.36 × 1.55) / 3.96
    },
    {
      hour: '2026-11-22T03:00:00Z',
      energy_kwh: 0.02,
      measured_kwh: 0.01,
      derived_kwh: 0.01,
      estimated_kwh: 0,
      uncertainty_pct: 0,
      coverage_pct: 3.33,
      meter: 'components',
      co2e_location_g: 0,
      co2e_market_g: null,
      embodied_g: 3,
      pue: 1,
    },
    {
      hour: '2026-11-23T02:00:00Z',
      energy_kwh: 0,
      measured_kwh: 0,
      derived_kwh: 0,
      estimated_kwh: 0,
      uncertainty_pct: null,
      coverage_pct: 1.67,
      meter: 'psys',
      co2e_location_g: 0,
      co2e_market_g: null,
      embodied_g: null,
      pue: null,
    },
  ])
})

test('node_daily: the same by UTC day, most energy first', async (t) => {
  assert.deepEqual(await rowsOf(t, 'node_daily', { nodeRows: NODE_ROWS }, `day, ${NODE}`), [
    {
      day: '2026-11-22',
      energy_kwh: 1.12,
      measured_kwh: 1.01,
      derived_kwh: 0.01,
      estimated_kwh: 0.1,
      uncertainty_pct: 6.45,
      coverage_pct: 0.31,
      meter: 'psys,model,components',
      co2e_location_g: 340.500001,
      co2e_market_g: null,
      embodied_g: null,
      pue: 1.0491,
    },
    {
      day: '2026-11-23',
      energy_kwh: 0,
      measured_kwh: 0,
      derived_kwh: 0,
      estimated_kwh: 0,
      uncertainty_pct: null,
      coverage_pct: 0.07,
      meter: 'psys',
      co2e_location_g: 0,
      co2e_market_g: null,
      embodied_g: null,
      pue: null,
    },
  ])
})

test('channel_hourly: mean over the covered time, highest power, a clock set back covers no more than all', async (t) => {
  const again = Array.from({ length: 61 }, () => channelMinute(60, 0n))
  const channelRows = [
    channelMinute(0, 6_000_000_000n),
    channelMinute(1, 3_000_000_000n, { coveredMs: 15_000, maxUw: 250_000_000n }),
    channelMinute(2, 600_000_000n, { key: 'ipmi/ac_in/bmc' }),
    channelMinute(3, 0n, { key: 'ipmi/psu/1/a', coveredMs: 0, maxUw: 0n }),
    ...again,
  ]
  const hour = '2026-11-22T02:00:00Z'
  assert.deepEqual(await rowsOf(t, 'channel_hourly', { channelRows }), [
    {
      hour,
      sensor: 'rapl',
      scope: 'package',
      device: 'package-0',
      energy_kwh: 0.0025,
      mean_w: 120,
      max_w: 250,
      coverage_pct: 2.08,
    },
    {
      hour,
      sensor: 'ipmi',
      scope: 'ac_in',
      device: 'bmc',
      energy_kwh: 0.000166667,
      mean_w: 10,
      max_w: 10,
      coverage_pct: 1.67,
    },
    { hour, sensor: 'ipmi', scope: 'psu', device: '1/a', energy_kwh: 0, mean_w: null, max_w: 0, coverage_pct: 0 },
    {
      hour: '2026-11-22T03:00:00Z',
      sensor: 'rapl',
      scope: 'package',
      device: 'package-0',
      energy_kwh: 0,
      mean_w: 0,
      max_w: 0,
      coverage_pct: 100,
    },
  ])
})

test('gaps: the node account has no sensor, and one gap in pieces is one row', async (t) => {
  const piece = (key: GapRow['key'], reason: GapRow['reason'], fromS: number, toS: number): GapRow => ({
    key,
    reason,
    startedUnixMs: T0 + fromS * 1000,
    endedUnixMs: T0 + toS * 1000,
  })
  const gaps = [
    piece(null, 'restart', 0, 10.5),
    piece(PACKAGE, 'late', 0, 10),
    piece(null, 'restart', 10.5, 20),
    piece(PACKAGE, 'reset', 10, 20),
    piece(PACKAGE, 'late', 21, 30),
    piece(null, 'restart', 20, 30),
  ]
  const started = '2026-11-22T02:00:00Z'
  assert.deepEqual(await rowsOf(t, 'gaps', { gaps }), [
    { started, ended: '2026-11-22T02:00:30Z', sensor: null, device: 'node', reason: 'restart' },
    { started, ended: '2026-11-22T02:00:10Z', sensor: 'rapl', device: 'package-0', reason: 'late' },
    {
      started: '2026-11-22T02:00:10Z',
      ended: '2026-11-22T02:00:20Z',
      sensor: 'rapl',
      device: 'package-0',
      reason: 'reset',
    },
    {
      started: '2026-11-22T02:00:21Z',
      ended: '2026-11-22T02:00:30Z',
      sensor: 'rapl',
      device: 'package-0',
      reason: 'late',
    },
  ])
})

function hourOf(factor: Factor, index: number): EmissionRow {
  return {
    id: index + 1,
    account: 'location',
    startUnixMs: T0,
    endUnixMs: T0 + HOUR_MS,
    factor,
    energyUj: 3_600_000_000_000n,
    puePpm: 1_000_000n,
    pueRelativeUncertainty: 0,
    co2eUg: 381_000_000n,
  }
}

test('intensity: a correction replaces what it corrects', async (t) => {
  const provisional: Factor = {
    zone: 'DE',
    basis: 'life-cycle',
    mgPerKwh: 381_000n,
    source: 'file',
    status: 'provisional',
    startsUnixMs: T0,
    endsUnixMs: null,
    dataQuality: 4,
    relativeUncertainty: 0.17,
    instrument: 'grid',
    reason: null,
  }
  const factors: Factor[] = [
    { ...provisional, zone: 'world', source: 'world-average', mgPerKwh: 473_010n, status: 'estimated' },
    provisional,
    provisional,
    { ...provisional, startsUnixMs: T0 + HOUR_MS, mgPerKwh: 1n },
    { ...provisional, mgPerKwh: 379_500n, status: 'final', endsUnixMs: T0 + HOUR_MS },
  ]
  const common = { zone: 'DE', basis: 'life-cycle', source: 'file' }
  const starts = '2026-11-22T02:00:00Z'
  const next = '2026-11-22T03:00:00Z'
  assert.deepEqual(await rowsOf(t, 'intensity', { carbon: { emissions: factors.map(hourOf), restatements: [] } }), [
    { starts, ends: next, ...common, g_per_kwh: 379.5, status: 'final' },
    { starts, ends: null, ...common, zone: 'world', source: 'world-average', g_per_kwh: 473.01, status: 'estimated' },
    { starts: next, ends: null, ...common, g_per_kwh: 0.001, status: 'provisional' },
  ])
})

test('events: in the order of their recording', async (t) => {
  const events = [
    { atUnixMs: T0 + 1999, what: 'meter_changed', detail: 'from \'psys\' to "components"' },
    { atUnixMs: T0 - 1, what: 'clock_jumped', detail: 'by -2 s' },
  ]
  assert.deepEqual(await rowsOf(t, 'events', { events }), [
    { at: '2026-11-22T02:00:01Z', what: 'meter_changed', detail: 'from \'psys\' to "components"' },
    { at: '2026-11-22T01:59:59Z', what: 'clock_jumped', detail: 'by -2 s' },
  ])
})

test('the columns of every view are those of the contract', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  await startLedger(t, path)
  const db = openReadOnly(path)
  afterwards(t, () => db.close())
  const node =
    'energy_kwh measured_kwh derived_kwh estimated_kwh uncertainty_pct coverage_pct meter co2e_location_g co2e_market_g embodied_g pue ' +
    'co2e_uncertainty_pct ef_basis co2e_status energy_dq intensity_dq embodied_dq site_water_l grid_water_l'
  const consumer =
    'kind consumer tenant idle_kwh dynamic_kwh energy_kwh co2e_location_g co2e_market_g embodied_g site_water_l grid_water_l'
  const contract = {
    node_hourly: `hour ${node}`,
    node_daily: `day ${node}`,
    channel_hourly: 'hour sensor scope device energy_kwh mean_w max_w coverage_pct',
    consumer_hourly: `hour ${consumer}`,
    consumer_daily: `day ${consumer}`,
    embodied_stages_daily: 'day stage about scope3_category counted co2e_g low_g high_g source',
    gaps: 'started ended sensor device reason',
    emissions:
      'hour account instrument ef_basis zone source status energy_kwh pue g_per_kwh co2e_g booked_g uncertainty_pct dq reason',
    restatements:
      'id at account starts ends replaces was_source was_g_per_kwh was_status source g_per_kwh status was_g co2e_g change_g',
    intensity: 'starts ends zone basis g_per_kwh source status',
    events: 'at what detail',
  }
  for (const [view, columns] of Object.entries(contract)) {
    const names = db
      .prepare(`SELECT * FROM ${view}`)
      .columns()
      .map((column) => column.name)
    assert.equal(names.join(' '), columns, view)
  }
})
