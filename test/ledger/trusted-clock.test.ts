import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { TrustedClock } from '../../src/ledger/trusted-clock.ts'
import type { LedgerBatch } from '../../src/model/batch.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { recordingLogger, scratchDirectory, startLedger, steadyBatch, T0 } from './setting.ts'

const DAY_MS = 24 * HOUR_MS
const KEEP = { rawMs: 48 * HOUR_MS, minutesMs: 30 * DAY_MS, consumersMs: 42 * DAY_MS }

/** A machine's two clocks, as the test turns them. */
class Clocks {
  #runMs = 0
  #wrongByMs = 0
  readonly unixMs = () => T0 + this.#runMs + this.#wrongByMs
  readonly uptimeMs = () => this.#runMs

  pass(ms: number): void {
    this.#runMs += ms
  }

  setWrongBy(ms: number): void {
    this.#wrongByMs = ms
  }
}

function trust(clocks: Clocks, lastUnixMs: number | null = null) {
  const logger = recordingLogger()
  return { logger, clock: new TrustedClock(lastUnixMs, clocks.unixMs, clocks.uptimeMs, logger) }
}

test('time that passes is believed, a jump ahead when it has lasted a day, and it is said once', () => {
  const clocks = new Clocks()
  const { clock, logger } = trust(clocks)
  clocks.pass(30 * DAY_MS)
  assert.equal(clock.nowUnixMs(), T0 + 30 * DAY_MS)
  clocks.setWrongBy(40 * DAY_MS)
  for (let hour = 0; hour < 24; hour++) {
    assert.equal(clock.nowUnixMs(), T0 + 30 * DAY_MS + hour * HOUR_MS)
    clocks.pass(HOUR_MS)
  }
  assert.equal(clock.nowUnixMs(), T0 + 71 * DAY_MS)
  assert.deepEqual(
    logger.lines.map(({ event, text }) => [event, text]),
    [['retention_waits', 'the wall clock jumped 960.0 h ahead, so nothing is deleted for a day']],
  )
})

test('of a jump that changes as much is believed as the clock was ahead for all of the day', () => {
  const clocks = new Clocks()
  const { clock } = trust(clocks)
  for (const days of [8, 400, 2, 3]) {
    clocks.setWrongBy(days * DAY_MS)
    clock.nowUnixMs()
    clocks.pass(6 * HOUR_MS)
  }
  assert.equal(clock.nowUnixMs(), T0 + 24 * HOUR_MS + 2 * DAY_MS)
  clocks.pass(HOUR_MS)
  assert.equal(clock.nowUnixMs(), T0 + 25 * HOUR_MS + 2 * DAY_MS)
  clocks.pass(DAY_MS)
  assert.equal(clock.nowUnixMs(), T0 + 49 * HOUR_MS + 3 * DAY_MS)
})

test('a machine that sleeps each night lags no more than a day behind', () => {
  const clocks = new Clocks()
  const { clock } = trust(clocks)
  for (let night = 1; night <= 30; night++) {
    clocks.setWrongBy(night * 8 * HOUR_MS)
    for (let hour = 0; hour < 16; hour++) {
      clock.nowUnixMs()
      clocks.pass(HOUR_MS)
    }
  }
  assert.ok(clocks.unixMs() - clock.nowUnixMs() <= DAY_MS)
})

test('a clock set back is believed at once; what a time server corrects is no jump', () => {
  const clocks = new Clocks()
  const { clock, logger } = trust(clocks)
  clocks.setWrongBy(-DAY_MS)
  assert.equal(clock.nowUnixMs(), T0 - DAY_MS)
  clocks.setWrongBy(-DAY_MS + 30_000)
  assert.equal(clock.nowUnixMs(), T0 - DAY_MS + 30_000)
  assert.deepEqual(logger.lines, [])
})

test('a start believes a day of absence, and no more', () => {
  const clocks = new Clocks()
  assert.equal(trust(clocks, T0 - DAY_MS).clock.nowUnixMs(), T0)
  assert.equal(trust(clocks, T0 - 2 * DAY_MS).clock.nowUnixMs(), T0 - 2 * DAY_MS)
  assert.equal(trust(clocks, T0 + DAY_MS).clock.nowUnixMs(), T0)
})

/** Raw and minute rows of an hour. */
async function startWithRows(t: TestContext) {
  const path = join(scratchDirectory(t), 'ledger.db')
  const clocks = new Clocks()
  const options = { keep: KEEP, unixMs: clocks.unixMs, uptimeMs: clocks.uptimeMs }
  const ledger = await startLedger(t, path, options)
  const batches = Array.from({ length: 360 }, (_, n) => steadyBatch(n))
  const channelRows = batches.flatMap((batch) => batch.channelRows)
  clocks.pass(HOUR_MS)
  ledger.write({ ...steadyBatch(359), channelRows, nodeRows: batches.flatMap((batch) => batch.nodeRows) })
  return { path, clocks, options, ledger }
}

function rowsIn(path: string): unknown[] {
  const db = openReadOnly(path)
  const counts = ['channel_raw', 'channel_minute'].map(
    (table) => `SELECT count(*) FROM ${table} WHERE start_unix_ms < ?`,
  )
  const rows = counts.map((query) =>
    db
      .prepare<[number]>(query)
      .pluck()
      .get(T0 + DAY_MS),
  )
  db.close()
  return rows
}

/** The agent at a moment, with nothing measured. */
function nothingAt(unixMs: number): LedgerBatch {
  const { state, ...batch } = steadyBatch(359)
  return { ...batch, channelRows: [], nodeRows: [], atUnixMs: unixMs, state: { ...state, atUnixMs: unixMs } }
}

test('forty days ahead for four seconds delete nothing, and neither do restarts in them', async (t) => {
  const { path, clocks, options, ledger } = await startWithRows(t)
  clocks.setWrongBy(40 * DAY_MS)
  ledger.write(nothingAt(clocks.unixMs()))
  clocks.pass(4_000)
  ledger.write(nothingAt(clocks.unixMs()))
  await ledger.stop()
  const second = await startLedger(t, path, options)
  second.write(nothingAt(clocks.unixMs()))
  await second.stop()
  const third = await startLedger(t, path, options)
  third.write(nothingAt(clocks.unixMs()))
  clocks.setWrongBy(0)
  third.write(nothingAt(clocks.unixMs()))
  assert.deepEqual(rowsIn(path), [360, 60])
})

test('a ledger without a copy of its totals trusts the time that it holds', async (t) => {
  const { path, clocks, options, ledger } = await startWithRows(t)
  await ledger.stop()
  rmSync(`${path}.totals`)
  clocks.setWrongBy(40 * DAY_MS)
  const next = await startLedger(t, path, options)
  next.write(nothingAt(clocks.unixMs()))
  assert.deepEqual(rowsIn(path), [360, 60])
})

test('after a day the new time is taken for true', async (t) => {
  const { path, clocks, ledger } = await startWithRows(t)
  clocks.setWrongBy(40 * DAY_MS)
  for (let hour = 0; hour < 24; hour++) {
    ledger.write(nothingAt(clocks.unixMs()))
    clocks.pass(HOUR_MS)
  }
  assert.deepEqual(rowsIn(path), [360, 60])
  ledger.write(nothingAt(clocks.unixMs()))
  assert.deepEqual(rowsIn(path), [0, 0])
})
