import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { type ChannelRow, type LedgerBatch, type NodeRow, ROW_MS } from '../../src/model/batch.ts'
import type { ChannelKey } from '../../src/model/channel.ts'
import { QUALITIES } from '../../src/model/posting.ts'
import { floorTo } from '../../src/model/time.ts'
import fc, { runs } from '../property.ts'
import { scratchDirectory, startLedger, steadyBatch, T0 } from './setting.ts'

const KEYS: readonly ChannelKey[] = ['rapl/package/package-0', 'rapl/package/package-1', 'nvml/gpu/GPU-0']
const MINUTE_MS = 60_000

/** A piece inside one minute of the two days after T0. */
const piece = fc
  .record({
    minute: fc.integer({ min: 0, max: 2880 }),
    fromMs: fc.integer({ min: 0, max: MINUTE_MS - 1 }),
    lastsMs: fc.integer({ min: 1, max: MINUTE_MS }),
    energyUj: fc.bigInt({ min: 0n, max: 2n ** 47n }),
  })
  .map(({ minute, fromMs, lastsMs, energyUj }) => {
    const startUnixMs = T0 + minute * MINUTE_MS + fromMs
    const endUnixMs = Math.min(startUnixMs + lastsMs, T0 + (minute + 1) * MINUTE_MS)
    return { startUnixMs, endUnixMs, energyUj, coveredMs: endUnixMs - startUnixMs }
  })

const channelRow: fc.Arbitrary<ChannelRow> = fc
  .tuple(piece, fc.constantFrom(...KEYS), fc.bigInt({ min: 0n, max: 2n ** 40n }), fc.boolean())
  .map(([part, key, maxUw, bridged]) => ({ ...part, key, maxUw, bridged }))

const grams = fc.option(fc.bigInt({ min: 0n, max: 2n ** 40n }), { freq: 9 })

const nodeRow: fc.Arbitrary<NodeRow> = fc
  .record({
    part: piece,
    meter: fc.constantFrom('dcmi', 'psys', 'components'),
    quality: fc.constantFrom(...QUALITIES),
    uncertaintyUj: fc.bigInt({ min: 0n, max: 2n ** 40n }),
    co2eLocationUg: grams,
    co2eMarketUg: grams,
    embodiedUg: grams,
    siteWaterUl: grams,
    gridWaterUl: grams,
    facilityUj: fc.bigInt({ min: 0n, max: 2n ** 49n }),
  })
  .map(({ part, ...rest }) => ({ ...part, ...rest }))

const batches: fc.Arbitrary<LedgerBatch[]> = fc.array(
  fc
    .tuple(fc.array(channelRow, { maxLength: 30 }), fc.array(nodeRow, { maxLength: 10 }))
    .map(([channelRows, nodeRows]) => ({ ...steadyBatch(0), channelRows, nodeRows })),
  { minLength: 1, maxLength: 5 },
)

/** Sums by key, in exact integers. A null makes the sum null. */
function sumBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string, values: (row: Row) => (bigint | null)[]) {
  const sums: Record<string, (bigint | null)[]> = {}
  for (const row of rows) {
    const before = sums[keyOf(row)]
    sums[keyOf(row)] = values(row).map((value, i) => {
      const sum = before === undefined ? 0n : before[i]
      return value === null || sum === null || sum === undefined ? null : sum + value
    })
  }
  return sums
}

const nodeValues = (row: NodeRow) => [
  row.energyUj,
  row.uncertaintyUj,
  row.facilityUj,
  BigInt(row.coveredMs),
  row.co2eLocationUg,
  row.co2eMarketUg,
  row.embodiedUg,
  row.siteWaterUl,
  row.gridWaterUl,
]

test('every grain holds the exact sum of what was written, however it was batched', async (t) => {
  const directory = scratchDirectory(t)
  let run = 0
  const property = fc.asyncProperty(batches, fc.boolean(), async (written, isKept) => {
    const path = join(directory, `${run++}.db`)
    const ledger = await startLedger(t, path)
    for (const batch of isKept ? written.slice(0, -1) : []) ledger.keep(batch)
    for (const batch of isKept ? written.slice(-1) : written) assert.equal(ledger.write(batch), true)
    const channelRows = written.flatMap((batch) => batch.channelRows)
    const nodeRows = written.flatMap((batch) => batch.nodeRows)
    const db = openReadOnly(path).defaultSafeIntegers()
    try {
      // Of what is written at once there is one raw row for each stretch.
      for (const [grain, grainMs] of Object.entries({ raw: ROW_MS, minute: MINUTE_MS, hour: 60 * MINUTE_MS })) {
        const placed = (startUnixMs: number, name: string) => `${floorTo(grainMs, startUnixMs)} ${name}`
        const channels = db.prepare(
          `SELECT start_unix_ms, sensor || '/' || scope || '/' || device, energy_uj, covered_ms
           FROM channel_${grain} JOIN channel USING (channel_id)`,
        )
        assert.deepEqual(
          sumBy(
            recordsOf(channels),
            ({ startUnixMs, name }) => placed(startUnixMs, name),
            ({ values }) => values,
          ),
          sumBy(
            channelRows,
            (row) => placed(row.startUnixMs, row.key),
            (row) => [row.energyUj, BigInt(row.coveredMs)],
          ),
        )
        const node = db.prepare(
          `SELECT start_unix_ms, meter || quality, energy_uj, uncertainty_uj, facility_uj, covered_ms,
             co2e_location_ug, co2e_market_ug, embodied_ug, site_water_ul, grid_water_ul FROM node_${grain}`,
        )
        assert.deepEqual(
          sumBy(
            recordsOf(node),
            ({ startUnixMs, name }) => placed(startUnixMs, name),
            ({ values }) => values,
          ),
          sumBy(nodeRows, (row) => placed(row.startUnixMs, `${row.meter}${row.quality}`), nodeValues),
        )
      }
      const highest = db.prepare('SELECT max(max_uw) FROM channel_hour').pluck().get()
      assert.equal(
        highest,
        channelRows.map((row) => row.maxUw).reduce<bigint | null>((a, b) => (a !== null && a > b ? a : b), null),
      )
      for (const { day, energy_kwh } of db
        .prepare<[], { day: string; energy_kwh: number }>('SELECT * FROM node_daily')
        .all()) {
        const exactUj = nodeRows
          .filter((row) => new Date(row.startUnixMs).toISOString().startsWith(day))
          .reduce((sum, row) => sum + row.energyUj, 0n)
        assert.ok(Math.abs(energy_kwh - Number(exactUj) / 3.6e12) <= 1e-9, `${day}: ${energy_kwh} for ${exactUj} µJ`)
      }
    } finally {
      db.close()
      await ledger.stop()
    }
  })
  await fc.assert(property, { numRuns: runs(40) })
})

test('what is known of the hour alone is joined with no minute', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  const [row] = steadyBatch(0).channelRows
  const rowsOf = (lengthMs: number) => row && [{ ...row, endUnixMs: T0 + lengthMs, coveredMs: lengthMs }]
  for (const lengthMs of [600_000, 8_000]) {
    ledger.keep({ ...steadyBatch(0), channelRows: rowsOf(lengthMs) ?? [], nodeRows: [], partRows: [] })
  }
  ledger.write({ ...steadyBatch(1), channelRows: [], nodeRows: [], partRows: [] })
  const db = openReadOnly(path)
  const covered = (grain: string) => db.prepare(`SELECT covered_ms FROM channel_${grain}`).pluck().all()
  assert.deepEqual([covered('minute'), covered('hour')], [[8_000], [608_000]])
  db.close()
  await ledger.stop()
})

test('a stretch that the end of a batch has cut in two is one row, of each channel, meter and quality', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  const cutAt = (untilMs: number, batch = steadyBatch(0)) => {
    const [startUnixMs, endUnixMs] = [T0 + untilMs - 4_000, T0 + untilMs]
    const [energyUj, coveredMs] = [BigInt(untilMs) * 1_000n, 4_000]
    const place = { startUnixMs, endUnixMs, energyUj, coveredMs }
    const channelRows = batch.channelRows.map((row) => ({
      ...row,
      ...place,
      maxUw: energyUj,
      bridged: untilMs === 14_000,
    }))
    const unknown = untilMs === 14_000 ? { co2eLocationUg: null } : {}
    const nodeRows = batch.nodeRows.map((row) => ({ ...row, ...place, ...unknown }))
    return { ...batch, channelRows, nodeRows: [...nodeRows, ...nodeRows.map((row) => ({ ...row, meter: 'dcmi' }))] }
  }
  ledger.keep(cutAt(14_000))
  ledger.keep(cutAt(18_000))
  ledger.write(cutAt(24_000))
  const db = openReadOnly(path)
  const channels = db.prepare(
    `SELECT start_unix_ms - ${T0}, duration_ms, energy_uj, covered_ms, max_uw, bridged FROM channel_raw ORDER BY 1`,
  )
  assert.deepEqual(channels.raw().all(), [
    [10_000, 8_000, 32_000_000, 8_000, 18_000_000, 1],
    [20_000, 4_000, 24_000_000, 4_000, 24_000_000, 0],
  ])
  const node = db.prepare(
    `SELECT start_unix_ms - ${T0}, meter, duration_ms, energy_uj, co2e_location_ug FROM node_raw ORDER BY 1, 2`,
  )
  assert.deepEqual(node.raw().all(), [
    [10_000, 'dcmi', 8_000, 32_000_000, null],
    [10_000, 'psys', 8_000, 32_000_000, null],
    [20_000, 'dcmi', 4_000, 24_000_000, 132_000],
    [20_000, 'psys', 4_000, 24_000_000, 132_000],
  ])
  db.close()
  await ledger.stop()
})

function recordsOf(statement: { raw(): { all(): unknown[] } }) {
  const rows = statement.raw().all() as [bigint, string, ...(bigint | null)[]][]
  return rows.map(([startUnixMs, name, ...values]) => ({ startUnixMs: Number(startUnixMs), name, values }))
}
