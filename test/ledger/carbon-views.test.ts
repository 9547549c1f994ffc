import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import type { NodeRow } from '../../src/model/batch.ts'
import type { EmissionRow, Factor, RestatementRow } from '../../src/model/carbon.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { afterwards, scratchDirectory, startLedger, steadyBatch, T0 } from './setting.ts'

const KWH_UJ = 3_600_000_000_000n
const PUE_PPM = 1_250_000n

function nodeHour(hour: number, kwh: bigint, over: Partial<NodeRow> = {}): NodeRow {
  const startUnixMs = T0 + hour * HOUR_MS
  return {
    startUnixMs,
    endUnixMs: startUnixMs + HOUR_MS,
    meter: 'ac_in',
    quality: 'measured',
    energyUj: kwh * KWH_UJ,
    uncertaintyUj: (kwh * KWH_UJ * 3n) / 100n,
    coveredMs: HOUR_MS,
    co2eLocationUg: 0n,
    co2eMarketUg: 0n,
    embodiedUg: 0n,
    siteWaterUl: null,
    gridWaterUl: null,
    facilityUj: (kwh * KWH_UJ * PUE_PPM) / 1_000_000n,
    ...over,
  }
}

const figure = (source: string, gPerKwh: number, over: Partial<Factor> = {}): Factor => ({
  zone: 'DE',
  basis: 'direct',
  mgPerKwh: BigInt(gPerKwh) * 1_000n,
  source,
  status: 'final',
  startsUnixMs: T0,
  endsUnixMs: null,
  dataQuality: 1,
  relativeUncertainty: 0.05,
  instrument: 'grid',
  reason: null,
  ...over,
})

function emission(id: number, hour: number, kwh: bigint, factor: Factor, over: Partial<EmissionRow> = {}): EmissionRow {
  return {
    id,
    account: 'location',
    startUnixMs: T0 + hour * HOUR_MS,
    endUnixMs: T0 + (hour + 1) * HOUR_MS,
    factor,
    energyUj: kwh * KWH_UJ,
    puePpm: PUE_PPM,
    pueRelativeUncertainty: 0.02,
    co2eUg: (kwh * (factor.mgPerKwh ?? 0n) * 1_000n * PUE_PPM) / 1_000_000n,
    ...over,
  }
}

interface Day {
  readonly nodeRows: readonly NodeRow[]
  readonly emissions: readonly EmissionRow[]
  readonly restatements?: readonly RestatementRow[]
}

/** Node rows have what is booked for their hour, unless they say otherwise. */
async function query(t: TestContext, day: Day, sql: string): Promise<unknown[]> {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  const { nodeRows, emissions, restatements = [] } = day
  const booked = nodeRows.map((row) => ({
    ...row,
    co2eLocationUg:
      row.co2eLocationUg ||
      emissions
        .filter(({ account, startUnixMs }) => account === 'location' && startUnixMs === row.startUnixMs)
        .reduce((ug, { co2eUg }) => ug + co2eUg, 0n),
  }))
  const batch = { ...steadyBatch(0), channelRows: [], nodeRows: booked, carbon: { emissions, restatements } }
  assert.equal(ledger.write(batch), true)
  const db = openReadOnly(path)
  afterwards(t, () => db.close())
  return db.prepare(sql).raw().all()
}

/** Standard normal numbers, the same in every run: mulberry32 and Box-Muller. */
function normals(seed: number): () => number {
  let state = seed
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
}

/** Hours 0 to 2 from a meter of the grid's hours, hours 3 and 4 from a yearly average that stands in. */
const HOURS = [
  { kwh: 2n, figure: figure('entsoe', 300) },
  { kwh: 1n, figure: figure('entsoe', 480) },
  { kwh: 3n, figure: figure('entsoe', 120) },
  {
    kwh: 2n,
    figure: figure('static:ember-2024', 342, { relativeUncertainty: 0.17, dataQuality: 4, status: 'estimated' }),
  },
  {
    kwh: 4n,
    figure: figure('static:ember-2024', 342, { relativeUncertainty: 0.17, dataQuality: 4, status: 'estimated' }),
  },
] as const
const TWO_SOURCES: Day = {
  nodeRows: HOURS.map(({ kwh }, hour) => nodeHour(hour, kwh)),
  emissions: HOURS.map((one, hour) => emission(hour + 1, hour, one.kwh, one.figure)),
}

test('uncertainty of a day with two sources, a PUE and a meter is that of a Monte Carlo simulation', async (t) => {
  const [[pct]] = (await query(t, TWO_SOURCES, 'SELECT co2e_uncertainty_pct FROM node_daily')) as [[number]]
  // One error each for the meter, the PUE and either source: common to all hours, independent of each other.
  const next = normals(20_261_122)
  const draws = Array.from({ length: 400_000 }, () => {
    const [meter, pue] = [1 + 0.03 * next(), 1 + 0.02 * next()]
    const errors: Readonly<Record<string, number>> = {
      entsoe: 1 + 0.05 * next(),
      'static:ember-2024': 1 + 0.17 * next(),
    }
    return HOURS.reduce(
      (g, { kwh, figure: { source, mgPerKwh } }) =>
        g + Number(kwh) * meter * 1.25 * pue * (Number(mgPerKwh) / 1e3) * (errors[source] ?? Number.NaN),
      0,
    )
  })
  const mean = draws.reduce((a, b) => a + b) / draws.length
  const deviation = Math.sqrt(draws.reduce((sum, g) => sum + (g - mean) ** 2, 0) / (draws.length - 1))
  const simulated = (200 * deviation) / mean
  assert.ok(Math.abs(pct / simulated - 1) < 0.01, `${pct} % by the view, ${simulated} % simulated`)
  // By hand: 1,440 g of 5 % and 2,052 g of 17 %, in quadrature with 3 % and 2 %.
  const byHand = 200 * Math.sqrt(0.03 ** 2 + 0.02 ** 2 + ((1_440 * 0.05) ** 2 + (2_052 * 0.17) ** 2) / 3_492 ** 2)
  assert.equal(pct, Math.round(byHand * 100) / 100)
})

test('hours of one source are no surer together than each alone', async (t) => {
  const hours = Array.from({ length: 20 }, (_, hour) => hour)
  const day = {
    nodeRows: hours.map((hour) => nodeHour(hour, 1n)),
    emissions: hours.map((hour) => emission(hour + 1, hour, 1n, figure('entsoe', 100 + hour))),
  }
  const each = Math.round(20_000 * Math.sqrt(0.03 ** 2 + 0.02 ** 2 + 0.05 ** 2)) / 100
  const sql = `SELECT DISTINCT co2e_uncertainty_pct FROM node_hourly
    UNION ALL SELECT co2e_uncertainty_pct FROM node_daily`
  assert.deepEqual(await query(t, day, sql), [[each], [each]])
})

test('qualities are weighed by energy, that of the making by mass; the least settled figure names the status', async (t) => {
  const made = (id: number, ug: bigint, dataQuality: Factor['dataQuality']) =>
    emission(id, 0, 0n, figure(`part ${id}`, 0, { instrument: 'manufacture', dataQuality }), {
      account: 'embodied',
      energyUj: 0n,
      co2eUg: ug,
    })
  const day = {
    nodeRows: [
      nodeHour(0, 1n),
      nodeHour(0, 2n, { meter: 'components', quality: 'derived' }),
      nodeHour(1, 1n, { meter: 'model', quality: 'estimated' }),
    ],
    emissions: [
      emission(1, 0, 3n, figure('entsoe', 300, { status: 'provisional', dataQuality: 2 })),
      emission(
        2,
        1,
        1n,
        figure('static:ember-2024', 342, { status: 'estimated', dataQuality: 4, basis: 'life-cycle' }),
      ),
      made(3, 100n, 1),
      made(4, 300n, 5),
    ],
  }
  const columns = 'energy_dq, intensity_dq, embodied_dq, ef_basis, co2e_status'
  const hours = await query(t, day, `SELECT ${columns} FROM node_hourly`)
  assert.deepEqual(hours, [
    [2.67, 2, 4, 'direct', 'provisional'],
    [4, 4, null, 'life-cycle', 'estimated'],
  ])
  // A day of both bases has no basis: their sum is none.
  const days = await query(t, day, `SELECT ${columns} FROM node_daily`)
  assert.deepEqual(days, [[3, 2.5, 4, 'direct + life-cycle', 'estimated']])
})

test('a restatement brings its quality, its basis and its uncertainty; what it replaced counts no more', async (t) => {
  const { nodeRows, emissions } = TWO_SOURCES
  const restatements = emissions.slice(3).map((one, n) => ({
    id: n + 1,
    atUnixMs: T0 + 9 * HOUR_MS,
    emissionId: one.id,
    replacesId: null,
    factor: figure('entsoe', 200),
    beforeUg: one.co2eUg,
    afterUg: (one.co2eUg * 200n) / 342n,
  }))
  const columns = 'co2e_location_g, co2e_uncertainty_pct, intensity_dq, ef_basis, co2e_status'
  const days = await query(t, { nodeRows, emissions, restatements }, `SELECT ${columns} FROM node_daily`)
  const pct = Math.round(20_000 * Math.sqrt(0.03 ** 2 + 0.02 ** 2 + 0.05 ** 2)) / 100
  assert.deepEqual(days, [[1.25 * (600 + 480 + 360 + 6 * 200), pct, 1, 'direct', 'final']])
})

test('an hour whose rows were dropped in part is corrected in that part, and not below zero', async (t) => {
  const day: Day = {
    // A tenth of what was booked: the queue was full while the disk was.
    nodeRows: [nodeHour(0, 1n, { energyUj: KWH_UJ / 10n, co2eLocationUg: 50_000_000n })],
    emissions: [emission(1, 0, 1n, figure('static:ember-2024', 400, { status: 'estimated' }))],
    restatements: [
      {
        id: 1,
        atUnixMs: T0 + 2 * HOUR_MS,
        emissionId: 1,
        replacesId: null,
        factor: figure('entsoe', 100),
        beforeUg: 500_000_000n,
        afterUg: 125_000_000n,
      },
    ],
  }
  const sql =
    'SELECT co2e_location_g, energy_kwh FROM node_hourly UNION ALL SELECT co2e_location_g, energy_kwh FROM node_daily'
  assert.deepEqual(await query(t, day, sql), [
    [12.5, 0.1],
    [12.5, 0.1],
  ])
})
