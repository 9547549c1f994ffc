import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import type { LedgerBatch } from '../../src/model/batch.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { PACKAGE, scratchDirectory, startLedger, steadyBatch, T0 } from './setting.ts'

const KEEP = { rawMs: 2 * HOUR_MS, minutesMs: 5 * HOUR_MS, consumersMs: 24 * HOUR_MS }

/** Rows of an hour, 10 s each, as one batch. */
function hourBatch(hour: number): LedgerBatch {
  const batches = Array.from({ length: 360 }, (_, n) => steadyBatch(hour * 360 + n))
  const channelRows = batches.flatMap((batch) => batch.channelRows)
  return { ...steadyBatch(hour * 360 + 359), channelRows, nodeRows: batches.flatMap((batch) => batch.nodeRows) }
}

interface Extent {
  readonly rows: number
  readonly oldest: number | null
  readonly energyUj: number
}

function extentOf(path: string, table: string): Extent {
  const db = openReadOnly(path)
  try {
    const query = `SELECT count(*) AS rows, min(start_unix_ms) AS oldest, sum(energy_uj) AS energyUj FROM ${table}`
    return db.prepare<[], Extent>(query).get() as Extent
  } finally {
    db.close()
  }
}

/** A ledger whose clock the test turns. */
async function startAt(t: TestContext, options: Parameters<typeof startLedger>[2] = {}) {
  const path = join(scratchDirectory(t), 'ledger.db')
  const clock = { nowUnixMs: T0 }
  const ledger = await startLedger(t, path, { keep: KEEP, unixMs: () => clock.nowUnixMs, ...options })
  return { path, clock, ledger }
}

test('each grain is kept for its time, hours for ever, and no sum changes', async (t) => {
  const { path, clock, ledger } = await startAt(t)
  for (let hour = 0; hour < 12; hour++) {
    clock.nowUnixMs = T0 + (hour + 1) * HOUR_MS
    assert.equal(ledger.write(hourBatch(hour)), true)
  }
  const hourUj = 360e9
  for (const whose of ['channel', 'node']) {
    assert.deepEqual(extentOf(path, `${whose}_raw`), { rows: 720, oldest: T0 + 10 * HOUR_MS, energyUj: 2 * hourUj })
    assert.deepEqual(extentOf(path, `${whose}_minute`), { rows: 300, oldest: T0 + 7 * HOUR_MS, energyUj: 5 * hourUj })
    assert.deepEqual(extentOf(path, `${whose}_hour`), { rows: 12, oldest: T0, energyUj: 12 * hourUj })
  }
})

test('within an hour nothing is deleted; a pass is bounded and the next writes finish it', async (t) => {
  const { path, clock, ledger } = await startAt(t, { rowsPerPass: 100, keep: { ...KEEP, rawMs: 60_000 } })
  ledger.write(hourBatch(0))
  clock.nowUnixMs = T0 + HOUR_MS - 1
  ledger.write(steadyBatch(360))
  assert.equal(extentOf(path, 'channel_raw').rows, 361)
  clock.nowUnixMs = T0 + HOUR_MS + 60_000
  const left = Array.from({ length: 5 }, (_, n) => {
    assert.equal(ledger.write({ ...steadyBatch(361 + n), channelRows: [], nodeRows: [] }), true)
    return extentOf(path, 'channel_raw').rows
  })
  assert.deepEqual(left, [261, 161, 61, 1, 1])
})

test('what outlived its time while the agent was away goes at the start', async (t) => {
  const { path, clock, ledger } = await startAt(t)
  ledger.write(hourBatch(0))
  await ledger.stop()
  clock.nowUnixMs = T0 + 24 * HOUR_MS
  await startLedger(t, path, { keep: KEEP, unixMs: () => clock.nowUnixMs })
  assert.equal(extentOf(path, 'channel_raw').rows, 0)
  assert.equal(extentOf(path, 'node_minute').rows, 0)
  assert.equal(extentOf(path, 'node_hour').rows, 1)
})

test('freed pages return to the file system, a bit per pass', async (t) => {
  const { path, clock, ledger } = await startAt(t)
  const keys = Array.from({ length: 100 }, (_, n) => `nvml/gpu/GPU-${n}` as const)
  const wide = hourBatch(0)
  const channelRows = keys.flatMap((key) => wide.channelRows.map((row) => ({ ...row, key })))
  ledger.write({ ...wide, channelRows })
  await ledger.stop()
  const fullBytes = statSync(path).size
  assert.ok(fullBytes > 1.3e6, `${fullBytes}`)
  clock.nowUnixMs = T0 + 24 * HOUR_MS
  const next = await startLedger(t, path, { keep: KEEP, unixMs: () => clock.nowUnixMs })
  for (let n = 0; n < 10; n++) next.write(steadyBatch(24 * 360 + n))
  await next.stop()
  const spareBytes = 2 ** 20
  assert.ok(statSync(path).size < spareBytes + 300_000, `${statSync(path).size} of ${fullBytes}`)
})

test('of gaps and events the newest are kept', async (t) => {
  const { path, clock, ledger } = await startAt(t, { newestKept: 10 })
  const times = Array.from({ length: 25 }, (_, n) => T0 + n * 2000)
  ledger.write({
    ...steadyBatch(0),
    gaps: times.map((at) => ({ key: PACKAGE, startedUnixMs: at, endedUnixMs: at + 1000, reason: 'late' })),
    events: times.map((atUnixMs, n) => ({ atUnixMs, what: 'sensor_lost', detail: `${n}` })),
  })
  clock.nowUnixMs = T0 + HOUR_MS
  ledger.write(steadyBatch(1))
  const db = openReadOnly(path)
  const events = db.prepare('SELECT detail FROM events').pluck().all()
  const gaps = db.prepare('SELECT started FROM gaps').pluck().all()
  db.close()
  const kept = Array.from({ length: 10 }, (_, n) => 15 + n)
  assert.deepEqual(events, kept.map(String))
  assert.deepEqual(
    gaps,
    kept.map((n) => `2026-11-22T02:00:${n * 2}Z`),
  )
})
