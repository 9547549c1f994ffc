import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import type { ConsumerRow } from '../../src/model/attribution.ts'
import type { Consumer } from '../../src/model/consumer.ts'
import { SYSTEM } from '../../src/model/consumer.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { consumerRow, POD, splitHours, WEB } from './consumers-setting.ts'
import { scratchDirectory, startLedger, steadyBatch, T0 } from './setting.ts'

const DAY_MS = 24 * HOUR_MS
const MIDNIGHT = T0 - 2 * HOUR_MS
const KEEP = { rawMs: 365 * DAY_MS, minutesMs: 365 * DAY_MS, consumersMs: DAY_MS }

function query(path: string, sql: string): unknown[][] {
  const db = openReadOnly(path)
  try {
    return db.prepare(sql).raw().all() as unknown[][]
  } finally {
    db.close()
  }
}

/** A ledger whose clock the test turns. */
async function startAt(t: TestContext) {
  const path = join(scratchDirectory(t), 'ledger.db')
  const clock = { nowUnixMs: T0 }
  const ledger = await startLedger(t, path, { keep: KEEP, unixMs: () => clock.nowUnixMs })
  /** Lets an hour begin, so that retention runs. */
  const at = (unixMs: number) => {
    clock.nowUnixMs = unixMs
    assert.equal(ledger.write({ ...steadyBatch(0), channelRows: [], nodeRows: [], partRows: [] }), true)
  }
  return { path, ledger, at }
}

const DAILY = 'SELECT * FROM consumer_daily'

test('a day is summed up when its time is over, and no figure of the daily view changes', async (t) => {
  const { path, ledger, at } = await startAt(t)
  for (const hour of [0, 1, 21, 22, 30]) {
    const { nodeRows, ...batch } = splitHours(hour, 1)
    const known = { embodiedUg: 1_003n, siteWaterUl: 5n, gridWaterUl: hour === 1 ? null : 9n }
    ledger.write({ ...batch, nodeRows: nodeRows.map((row) => ({ ...row, ...known })) })
  }
  const before = query(path, DAILY)
  assert.equal(before.length, 6)
  at(MIDNIGHT + 2 * DAY_MS - 1)
  assert.equal(query(path, 'SELECT * FROM consumer_hour').length, 15)
  at(MIDNIGHT + 2 * DAY_MS)
  assert.deepEqual(query(path, 'SELECT DISTINCT start_unix_ms FROM consumer_hour'), [
    [T0 + 22 * HOUR_MS],
    [T0 + 30 * HOUR_MS],
  ])
  assert.deepEqual(query(path, 'SELECT start_unix_ms, count(*) FROM consumer_day'), [[MIDNIGHT, 3]])
  assert.deepEqual(query(path, DAILY), before)
  at(MIDNIGHT + 9 * DAY_MS)
  assert.equal(query(path, 'SELECT * FROM consumer_hour').length, 0)
  assert.deepEqual(query(path, DAILY), before)
})

test('energy of a day that was summed up already is added to it', async (t) => {
  const { path, ledger, at } = await startAt(t)
  const row = (dynamicUj: bigint) => consumerRow(WEB, 'shop', { dynamicUj })
  const write = (uj: bigint) =>
    ledger.write({ ...steadyBatch(0), consumerRows: [row(uj), consumerRow(POD, 'lab', { idleUj: uj })] })
  write(3n)
  at(T0 + 3 * DAY_MS)
  write(4n)
  at(T0 + 4 * DAY_MS)
  assert.equal(query(path, 'SELECT * FROM consumer_hour').length, 0)
  assert.deepEqual(query(path, 'SELECT tenant, idle_uj, dynamic_uj FROM consumer_day ORDER BY tenant'), [
    ['lab', 7, 0],
    ['shop', 0, 7],
  ])
})

const WH_UJ = 3_600_000_000n

const short = (n: number): Consumer => ({ kind: 'container', id: `c${n}`, name: `c${n}`, labels: { image: 'job' } })

test('of a day with thousands of consumers some hundreds are named; of the others the sum stays, by kind and tenant', async (t) => {
  const { path, ledger, at } = await startAt(t)
  const consumerRows: ConsumerRow[] = [consumerRow(SYSTEM, 'unassigned', { dynamicUj: WH_UJ })]
  for (let n = 0; n < 1000; n++) {
    const hourUnixMs = T0 + (n % 20) * HOUR_MS
    consumerRows.push(
      consumerRow(short(n), `${n % 2}`, { hourUnixMs, dynamicUj: BigInt(1000 + n) * WH_UJ, idleUj: WH_UJ }),
    )
  }
  ledger.write({ ...steadyBatch(0), consumerRows })
  // One of the small ones lives on.
  ledger.write({
    ...steadyBatch(1),
    consumerRows: [consumerRow(short(5), '1', { hourUnixMs: T0 + DAY_MS, dynamicUj: 8n })],
  })
  const sums =
    'SELECT kind, tenant, round(sum(idle_kwh), 6), round(sum(dynamic_kwh), 6) FROM consumer_daily GROUP BY 1, 2 ORDER BY 1, 2'
  const energy = 'SELECT sum(idle_uj), sum(dynamic_uj) FROM'
  const before = { shown: query(path, sums), exact: query(path, `${energy} consumer_hour`) }
  at(MIDNIGHT + 2 * DAY_MS)
  assert.deepEqual(query(path, sums), before.shown)
  const both =
    '(SELECT * FROM consumer_hour UNION ALL SELECT start_unix_ms, consumer_id, tenant, idle_uj, dynamic_uj FROM consumer_day)'
  assert.deepEqual(query(path, `${energy} ${both}`), before.exact)
  const names = `SELECT kind, name, tenant, dynamic_uj / ${WH_UJ} AS dynamic_wh FROM consumer_day JOIN consumer USING (consumer_id)`
  const others = Array.from({ length: 700 }, (_, n) => 1000 + n)
  const sumOf = (rest: number) => others.filter((uj) => uj % 2 === rest).reduce((a, b) => a + b, 0)
  assert.deepEqual(query(path, `${names} WHERE name NOT LIKE 'c%' ORDER BY kind, tenant`), [
    ['container', 'other', '0', sumOf(0)],
    ['container', 'other', '1', sumOf(1)],
    ['system', 'system', 'unassigned', 1],
  ])
  assert.deepEqual(query(path, `SELECT count(*), min(dynamic_wh) FROM (${names} WHERE name LIKE 'c%')`), [[300, 1700]])
  // 300 with a name, their sum, the system, and the one that lives on.
  assert.deepEqual(query(path, 'SELECT count(*) FROM consumer'), [[303]])
  // It comes again, and one that is gone for good, too.
  const again = [5, 6].map((n) => consumerRow(short(n), '1', { hourUnixMs: T0 + DAY_MS, dynamicUj: 1n }))
  ledger.write({ ...steadyBatch(2), consumerRows: again })
  assert.deepEqual(
    query(path, 'SELECT name, dynamic_uj FROM consumer_hour JOIN consumer USING (consumer_id) ORDER BY name'),
    [
      ['c5', 9],
      ['c6', 1],
    ],
  )
})

test('after weeks away, one day with each write', async (t) => {
  const { path, ledger, at } = await startAt(t)
  const consumerRows = Array.from({ length: 4 }, (_, n) =>
    consumerRow(WEB, 'shop', { hourUnixMs: T0 + n * DAY_MS, idleUj: 1n }),
  )
  ledger.write({ ...steadyBatch(0), consumerRows })
  const left = Array.from({ length: 5 }, (_, n) => {
    at(T0 + 60 * DAY_MS + n)
    return query(path, 'SELECT * FROM consumer_hour').length
  })
  assert.deepEqual(
    left,
    [4, 3, 2, 1, 0].map((rows) => Math.max(0, rows - 1)),
  )
})

test('an hour with thousands of consumers keeps the largest thousand; the rest is summed up by kind and tenant', async (t) => {
  const { path, ledger, at } = await startAt(t)
  const consumerRows: ConsumerRow[] = [consumerRow(SYSTEM, 'unassigned', { dynamicUj: 1n })]
  for (let n = 0; n < 3000; n++)
    consumerRows.push(consumerRow(short(n), `${n % 2}`, { dynamicUj: BigInt(10 + n), idleUj: 1n }))
  const next = [consumerRow(short(7), '1', { hourUnixMs: T0 + HOUR_MS, dynamicUj: 1n })]
  ledger.write({ ...steadyBatch(0), consumerRows: [...consumerRows, ...next] })
  const sums = 'SELECT start_unix_ms, tenant, sum(idle_uj), sum(dynamic_uj) FROM consumer_hour GROUP BY 1, 2'
  const before = query(path, sums)
  at(T0 + 2 * HOUR_MS)
  assert.equal(query(path, 'SELECT * FROM consumer_hour').length, 3002)
  at(T0 + 3 * HOUR_MS)
  assert.deepEqual(query(path, sums), before)
  const names = `SELECT name, tenant, idle_uj FROM consumer_hour JOIN consumer USING (consumer_id) WHERE start_unix_ms = ${T0}`
  assert.deepEqual(query(path, `${names} AND name NOT LIKE 'c%' ORDER BY name, tenant`), [
    ['other', '0', 1000],
    ['other', '1', 1000],
    ['system', 'unassigned', 0],
  ])
  assert.deepEqual(query(path, `SELECT count(*), min(dynamic_uj) FROM consumer_hour WHERE idle_uj = 1`), [[1000, 2010]])
  assert.deepEqual(query(path, 'SELECT count(*) FROM consumer'), [[1003]])
  // What comes for it later is thinned out after a restart: the two sums are among the largest.
  ledger.write({ ...steadyBatch(1), consumerRows: consumerRows.slice(1, 4) })
  await ledger.stop()
  const restarted = await startLedger(t, path, { keep: KEEP, unixMs: () => T0 + 4 * HOUR_MS })
  assert.equal(query(path, `${names} AND name LIKE 'c%'`).length, 998)
  assert.equal(restarted.health().message, null)
})

test('who was large in one hour and is summed up with the rest of the next keeps its name in the first', async (t) => {
  const { path, ledger, at } = await startAt(t)
  const large = consumerRow(short(9999), '1', { dynamicUj: 5_000n })
  const next = { hourUnixMs: T0 + HOUR_MS }
  const crowd = Array.from({ length: 1200 }, (_, n) =>
    consumerRow(short(n), '1', { ...next, dynamicUj: BigInt(10 + n) }),
  )
  const small = consumerRow(short(9999), '1', { ...next, dynamicUj: 1n })
  ledger.write({ ...steadyBatch(0), consumerRows: [large, small, ...crowd] })
  at(T0 + 4 * HOUR_MS)
  const named = 'SELECT count(*), sum(dynamic_uj) FROM consumer_hour'
  const [[rows, sum] = []] = query(path, named)
  assert.deepEqual([rows, sum], [1002, 5_001 + (1200 * (10 + 1209)) / 2])
  assert.deepEqual(query(path, `${named} JOIN consumer USING (consumer_id)`), [[rows, sum]])
  assert.deepEqual(query(path, 'SELECT count(*) FROM consumer'), [[1002]])
})
