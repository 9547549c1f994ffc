import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import { BatchQueue } from '../../src/ledger/batch-queue.ts'
import { ConsumerSums } from '../../src/ledger/consumer-sums.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import type { ConsumerRow } from '../../src/model/attribution.ts'
import { type Consumer, SYSTEM } from '../../src/model/consumer.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import fc, { runs } from '../property.ts'
import { byTenant, consumerRow, POD, splitBatch, WEB } from './consumers-setting.ts'
import { afterwards, recordingLogger, scratchDirectory, startLedger, steadyBatch, T0 } from './setting.ts'

function query(path: string, sql: string): unknown[] {
  const db = openReadOnly(path).defaultSafeIntegers()
  try {
    return db.prepare(sql).raw().all()
  } finally {
    db.close()
  }
}

async function startNew(t: TestContext, options: Parameters<typeof startLedger>[2] = {}) {
  const path = join(scratchDirectory(t), 'ledger.db')
  return { path, ledger: await startLedger(t, path, options) }
}

test('rows of one hour, consumer and tenant add up; a consumer has its last name and labels', async (t) => {
  const { path, ledger } = await startNew(t)
  const renamed: Consumer = { ...POD, name: 'train-2', labels: { namespace: 'ml', team: 'a\n"b"' } }
  const write = (n: number, consumerRows: readonly ConsumerRow[]) =>
    assert.equal(ledger.write({ ...steadyBatch(n), consumerRows }), true)
  write(0, [consumerRow(POD, 'lab', { idleUj: 1n, dynamicUj: 2n }), consumerRow(WEB, 'lab', { idleUj: 5n })])
  write(1, [consumerRow(POD, 'lab', { idleUj: 10n, dynamicUj: 20n, hourUnixMs: T0 + 1800_000 })])
  write(2, [consumerRow(renamed, 'shop', { dynamicUj: 7n }), consumerRow(WEB, 'shop')])
  write(3, [consumerRow(renamed, 'lab', { dynamicUj: 9n, hourUnixMs: T0 + HOUR_MS })])
  const sql = `SELECT start_unix_ms - ${T0}, kind, id, tenant, idle_uj, dynamic_uj FROM consumer_hour JOIN consumer USING (consumer_id)`
  assert.deepEqual(query(path, sql), [
    [0n, 'pod', POD.id, 'lab', 11n, 22n],
    [0n, 'pod', POD.id, 'shop', 0n, 7n],
    [0n, 'service', WEB.id, 'lab', 5n, 0n],
    [BigInt(HOUR_MS), 'pod', POD.id, 'lab', 0n, 9n],
  ])
  assert.deepEqual(query(path, "SELECT name, labels, last_hour_unix_ms FROM consumer WHERE kind = 'pod'"), [
    ['train-2', JSON.stringify(renamed.labels), BigInt(T0 + HOUR_MS)],
  ])
})

test('a row that can never be written does not bar the others, nor the batch', async (t) => {
  const { path, ledger } = await startNew(t, { logger: recordingLogger() })
  const bad = [
    consumerRow(WEB, 'a', { idleUj: -1n }),
    consumerRow(WEB, 'b', { idleUj: 2n ** 64n }),
    consumerRow(WEB, 'c', { idleUj: 1n, hourUnixMs: Number.NaN }),
  ]
  const good = consumerRow(POD, 'lab', { idleUj: 3n })
  assert.equal(ledger.write({ ...steadyBatch(0), consumerRows: [...bad, good] }), true)
  assert.equal(ledger.health().droppedBatches, 3)
  assert.deepEqual(query(path, 'SELECT tenant, idle_uj FROM consumer_hour'), [['lab', 3n]])
  assert.deepEqual(query(path, 'SELECT sum(energy_uj) FROM node_hour'), [[1_000_000_000n]])
})

test('consumers of a transaction that was rolled back are written with the next', async (t) => {
  const { path, ledger } = await startNew(t, { logger: recordingLogger() })
  const { state, ...batch } = splitBatch(0)
  const energyUj = { ...state.node.energyUj, derived: 2n ** 63n }
  assert.equal(ledger.write({ ...batch, state: { ...state, node: { ...state.node, energyUj } } }), false)
  assert.equal(ledger.write(splitBatch(1)), true)
  const rows = 'SELECT name, tenant, idle_uj FROM consumer_hour LEFT JOIN consumer USING (consumer_id) ORDER BY 1, 2'
  assert.deepEqual(query(path, rows), [
    ['train', 'lab', 400_000_000n],
    ['web.service', 'lab', 0n],
    ['web.service', 'shop', 200_000_000n],
  ])
})

test('an hour of waiting batches with 1,000 consumers has 1,000 rows; past the bound one for each kind and tenant', () => {
  const consumers = Array.from({ length: 1000 }, (_, n): Consumer => ({ ...WEB, id: `${n}`, name: `${n}` }))
  const queue = new BatchQueue(360)
  const consumerRows = consumers.map((consumer) => consumerRow(consumer, 'lab', { idleUj: 1n, dynamicUj: 2n }))
  for (let n = 0; n < 360; n++) queue.push({ ...steadyBatch(n), consumerRows })
  assert.equal(queue.consumerRows.length, 1000)
  assert.ok(queue.batches.every((batch) => batch.consumerRows.length === 0))
  assert.ok(queue.consumerRows.every((row) => row.idleUj === 360n && row.dynamicUj === 720n))

  const sums = new ConsumerSums(3)
  for (const row of consumerRows.slice(0, 10)) sums.add(row)
  sums.add(consumerRow(POD, 'lab', { idleUj: 5n }))
  sums.add(consumerRow(SYSTEM, 'lab', { idleUj: 6n }))
  for (const row of consumerRows.slice(0, 3)) sums.add(row)
  assert.deepEqual(
    sums.rows.map(({ consumer, idleUj }) => [consumer.kind, consumer.name, idleUj]),
    [
      ['service', '0', 2n],
      ['service', '1', 2n],
      ['service', '2', 2n],
      ['service', 'other', 7n],
      ['pod', 'other', 5n],
      ['system', 'system', 6n],
    ],
  )
})

test('an outage of any length: hours of the node and of its consumers are whole, and agree', async (t) => {
  const { path, ledger } = await startNew(t, { logger: recordingLogger(), queueLimit: 20, busyTimeoutMs: 0 })
  const other = new Database(path)
  afterwards(t, () => other.close())
  ledger.write(splitBatch(0))
  other.exec('BEGIN IMMEDIATE')
  for (let n = 1; n < 500; n++) assert.equal(ledger.write(splitBatch(n)), false)
  other.exec('COMMIT')
  assert.equal(ledger.write(splitBatch(500)), true)
  const ofNode = query(path, 'SELECT start_unix_ms, sum(energy_uj) FROM node_hour GROUP BY 1')
  assert.deepEqual(ofNode, [
    [BigInt(T0), 360_000_000_000n],
    [BigInt(T0 + HOUR_MS), 141_000_000_000n],
  ])
  assert.deepEqual(query(path, 'SELECT start_unix_ms, sum(idle_uj + dynamic_uj) FROM consumer_hour GROUP BY 1'), ofNode)
  for (const table of ['channel_hour', 'part_hour']) {
    assert.deepEqual(query(path, `SELECT start_unix_ms, sum(energy_uj) FROM ${table} GROUP BY 1`), ofNode, table)
  }
  assert.deepEqual(query(path, 'SELECT sum(covered_ms), sum(co2e_location_ug) FROM node_hour'), [
    [5_010_000n, 132_000n * 501n],
  ])
})

/** Hours with one energy each, split at random. */
const hours = fc.array(
  fc.record({
    energyUj: fc.bigInt({ min: 1n, max: 10n ** 13n }),
    locationUg: fc.option(fc.bigInt({ min: 0n, max: 10n ** 12n })),
    embodiedUg: fc.option(fc.bigInt({ min: 0n, max: 10n ** 9n })),
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 7 }),
    hasIdle: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
)

test('however an hour is split, its consumers have its energy to the µJ and its grams to the rounding', async (t) => {
  const directory = scratchDirectory(t)
  let run = 0
  const property = fc.asyncProperty(hours, async (split) => {
    const path = join(directory, `${run++}.db`)
    const ledger = await startLedger(t, path)
    const [steady] = steadyBatch(0).nodeRows
    assert.ok(steady)
    const nodeRows = split.map(({ energyUj, locationUg, embodiedUg }, hour) => {
      const startUnixMs = T0 + hour * HOUR_MS
      const masses = { co2eLocationUg: locationUg, embodiedUg }
      return { ...steady, startUnixMs, endUnixMs: startUnixMs + 60_000, energyUj, ...masses }
    })
    const consumerRows = split.flatMap(({ energyUj, cuts, hasIdle }, hour) => {
      const edges = [0n, ...cuts.map((cut) => BigInt(Math.floor(cut * Number(energyUj)))), energyUj].sort((a, b) =>
        Number(a - b),
      )
      return edges.slice(1).map((edge, n) => {
        const uj = edge - (edges[n] ?? 0n)
        const idleUj = hasIdle ? uj / BigInt(n + 1) : 0n
        const consumer = { ...WEB, id: `${n}`, name: `${n}` }
        return consumerRow(consumer, `${n % 2}`, {
          hourUnixMs: T0 + hour * HOUR_MS,
          idleUj,
          dynamicUj: uj - idleUj,
        })
      })
    })
    assert.equal(ledger.write({ ...steadyBatch(0), nodeRows, consumerRows }), true)
    const energy = 'SELECT start_unix_ms, sum(idle_uj + dynamic_uj) FROM consumer_hour GROUP BY 1'
    assert.deepEqual(
      query(path, energy),
      nodeRows.map((row) => [BigInt(row.startUnixMs), row.energyUj]),
    )
    for (const [view, node, period] of [
      ['consumer_hourly', 'node_hourly', 'hour'],
      ['consumer_daily', 'node_daily', 'day'],
    ]) {
      const sums = ['co2e_location_g', 'embodied_g', 'co2e_market_g'].map(
        (g) => `iif(count(*) = count(${g}), sum(${g}), NULL)`,
      )
      const shown = query(path, `SELECT ${period}, sum(energy_kwh), ${sums} FROM ${view} GROUP BY 1 ORDER BY 1`)
      const wanted = query(
        path,
        `SELECT ${period}, energy_kwh, co2e_location_g, embodied_g, co2e_market_g FROM ${node}`,
      )
      assertClose(shown, wanted, 16e-6)
    }
    await ledger.stop()
  })
  await fc.assert(property, { numRuns: runs(25) })
})

function assertClose(shown: unknown[], wanted: unknown[], tolerance: number): void {
  assert.equal(shown.length, wanted.length)
  for (const [n, row] of (shown as unknown[][]).entries()) {
    for (const [column, value] of row.entries()) {
      const other = (wanted[n] as unknown[])[column]
      if (typeof value !== 'number' || typeof other !== 'number') assert.equal(value, other)
      else assert.ok(Math.abs(value - other) <= tolerance, `column ${column}: ${value} for ${other}`)
    }
  }
}

test('the making of the machine follows the idle energy, emissions the energy, and restatements change them', async (t) => {
  const { path, ledger } = await startNew(t)
  const [steady] = steadyBatch(0).nodeRows
  assert.ok(steady)
  const nodeRow = {
    ...steady,
    energyUj: 3_600_000_000_000n,
    co2eLocationUg: 400_000_000n,
    embodiedUg: 8_000_000n,
    siteWaterUl: 40n,
    gridWaterUl: null,
  }
  const factor = {
    zone: 'DE',
    basis: 'life-cycle',
    mgPerKwh: 400_000n,
    source: 'entsoe',
    instrument: 'grid',
    status: 'final',
    startsUnixMs: T0,
    endsUnixMs: null,
    dataQuality: 1,
    relativeUncertainty: 0.05,
    reason: null,
  } as const
  const emission = {
    id: 1,
    account: 'location',
    startUnixMs: T0,
    endUnixMs: T0 + HOUR_MS,
    factor,
    energyUj: nodeRow.energyUj,
    puePpm: 1_000_000n,
    pueRelativeUncertainty: 0,
    co2eUg: 400_000_000n,
  } as const
  const consumerRows = [
    consumerRow(WEB, 'shop', { idleUj: 900_000_000_000n, dynamicUj: 0n }),
    consumerRow(POD, 'lab', { idleUj: 300_000_000_000n, dynamicUj: 2_400_000_000_000n }),
  ]
  const carbon = { emissions: [emission], restatements: [] }
  ledger.write({ ...steadyBatch(0), nodeRows: [nodeRow], consumerRows, carbon })
  const columns =
    'kind, consumer, tenant, idle_kwh, dynamic_kwh, energy_kwh, co2e_location_g, co2e_market_g, embodied_g, site_water_l, grid_water_l'
  const rows = (webG: number, podG: number) => [
    ['service', 'web.service', 'shop', 0.25, 0, 0.25, webG, null, 6, 0.00001, null],
    ['pod', 'train', 'lab', 0.083333333, 0.666666667, 0.75, podG, null, 2, 0.00003, null],
  ]
  for (const view of ['consumer_hourly', 'consumer_daily']) {
    assert.deepEqual(query(path, `SELECT ${columns} FROM ${view}`), rows(100, 300))
  }
  const restatement = {
    id: 1,
    atUnixMs: T0 + HOUR_MS,
    emissionId: 1,
    replacesId: null,
    factor: { ...factor, mgPerKwh: 200_000n },
    beforeUg: 400_000_000n,
    afterUg: 200_000_000n,
  }
  const restated = { emissions: [], restatements: [restatement] }
  ledger.write({ ...steadyBatch(1), nodeRows: [], carbon: restated })
  for (const view of ['consumer_hourly', 'consumer_daily']) {
    assert.deepEqual(query(path, `SELECT ${columns} FROM ${view}`), rows(50, 150))
  }
  const [day] = query(
    path,
    'SELECT group_concat(DISTINCT day) FROM consumer_daily UNION ALL SELECT hour FROM consumer_hourly',
  ) as [[string]]
  assert.deepEqual(day, ['2026-11-22'])
})

test("what nobody was found for is no consumer's: half of an hour brings half of its emissions", async (t) => {
  const { path, ledger } = await startNew(t)
  const [steady] = steadyBatch(0).nodeRows
  assert.ok(steady)
  const nodeRow = { ...steady, energyUj: 2_000_000n, co2eLocationUg: 4_000_000n, embodiedUg: 6_000_000n }
  const consumerRows = [consumerRow(WEB, 'shop', { idleUj: 500_000n, dynamicUj: 500_000n })]
  ledger.write({ ...steadyBatch(0), nodeRows: [nodeRow], consumerRows })
  assert.deepEqual(query(path, 'SELECT co2e_location_g, embodied_g FROM consumer_hourly'), [[2, 3]])
})

test('the state of attribution comes back, also once it is gone', async (t) => {
  const { path, ledger } = await startNew(t)
  for (let n = 0; n < 3; n++) ledger.write(splitBatch(n))
  await ledger.stop()
  const next = await startLedger(t, path)
  const restored = next.restore()?.attribution
  const { attribution } = splitBatch(2).state
  assert.ok(restored && attribution)
  const sorted = <T>(rows: readonly T[]) => rows.map((row) => JSON.stringify(row, (_, v) => `${v}`)).sort()
  assert.deepEqual(sorted(restored.consumers), sorted(attribution.consumers))
  assert.deepEqual(sorted(restored.tenants), sorted(byTenant(attribution.consumers)))
  assert.deepEqual([restored.attributedUj, restored.idle], [attribution.attributedUj, attribution.idle])
  next.write(steadyBatch(3))
  await next.stop()
  const last = await startLedger(t, path)
  assert.equal(last.restore()?.attribution, null)
})
