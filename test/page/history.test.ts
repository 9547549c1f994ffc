import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { HistoryRows } from '../../src/ledger/history-rows.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/model/time.ts'
import { type History, historyOf } from '../../src/page/ledger/history.ts'
import { ledgerOf, NOW, type Scene, SERVER, wattsAt } from './scenes.ts'

const FREE = { tariff: null, fault: null }
const gaps = [{ agoMs: 94 * MINUTE_MS, lengthMs: 30 * MINUTE_MS + 30_000, reason: 'late' }]
const THREE_HOURS: Scene = { ...SERVER, lengthMs: 3 * HOUR_MS, consumers: 0, gaps }

/** Of the step that a time lies in. */
function at<Value>(history: History, list: readonly Value[], unixMs: number): Value | undefined {
  return list[history.time.findLastIndex((seconds) => seconds * 1e3 <= unixMs)]
}

test('minutes: parts sum to the machine, what is not covered is null, and what still runs has no coverage', async (t) => {
  const rows = new HistoryRows(join(await ledgerOf(t, THREE_HOURS), 'ledger.db'))
  t.after(() => rows.close())
  const history = historyOf(rows, { from: NOW - 4 * HOUR_MS, until: NOW, points: 300 }, FREE)
  assert.deepEqual([history.grain, history.step_s, history.time.length], ['minute', 60, 241])
  for (const [index, watts] of history.power_w.entries()) {
    const sums = [history.parts, history.qualities].map((all) =>
      all.reduce((sum, { power_w }) => sum + (power_w[index] ?? 0), 0),
    )
    for (const sum of sums) assert.ok(Math.abs(sum - (watts ?? 0)) < 0.01, `${sum} ${watts}`)
  }
  const minute = NOW - 20 * MINUTE_MS
  const drawn = wattsAt(THREE_HOURS, minute - (minute % MINUTE_MS)).reduce((sum, { watts }) => sum + watts, 0)
  assert.ok(Math.abs((at(history, history.power_w, minute) ?? 0) - drawn) < 0.01)
  assert.equal(at(history, history.coverage, minute), 1)
  assert.equal(at(history, history.coverage, NOW), null)
  assert.ok(Number(at(history, history.power_w, NOW)) > 0)
  const inGap = NOW - 80 * MINUTE_MS
  assert.deepEqual([at(history, history.power_w, inGap), at(history, history.coverage, inGap)], [null, 0])
  const before = NOW - 230 * MINUTE_MS
  assert.deepEqual([at(history, history.power_w, before), at(history, history.coverage, before)], [null, null])
  assert.equal(history.gaps.length, 1)
  assert.ok(Math.abs((history.total.coverage ?? 0) - (1 - 30.5 / 180)) < 0.001)
})

test('hours where steps are hours, and where the minutes of the time are gone', async (t) => {
  const rows = new HistoryRows(join(await ledgerOf(t, { ...SERVER, lengthMs: 32 * DAY_MS, consumers: 0 }), 'ledger.db'))
  t.after(() => rows.close())
  const week = historyOf(rows, { from: NOW - 7 * DAY_MS, until: NOW, points: 50 }, FREE)
  assert.deepEqual([week.grain, week.step_s], ['hour', 6 * 3_600])
  const until = NOW - 31 * DAY_MS
  const old = historyOf(rows, { from: until - HOUR_MS, until, points: 60 }, FREE)
  assert.deepEqual([old.grain, old.step_s, old.time.length], ['hour', 3_600, 2])
  assert.ok(old.power_w.every((watts) => Number(watts) > 0))
})

test('a restatement is shared by energy among the minutes of its hour', async (t) => {
  const path = join(await ledgerOf(t, { ...THREE_HOURS, gaps: [] }), 'ledger.db')
  const hour = Math.floor(NOW / HOUR_MS) * HOUR_MS - HOUR_MS
  const span = { from: hour, until: hour + HOUR_MS, points: 60 }
  const read = () => {
    const rows = new HistoryRows(path)
    const history = historyOf(rows, span, FREE)
    rows.close()
    return history
  }
  const before = read()
  const db = new Database(path)
  const energyUj = Math.round(before.total.energy_kwh * 3.6e12)
  db.prepare('UPDATE emission SET energy_uj = ? WHERE start_unix_ms = ?').run(energyUj, hour)
  db.prepare(
    `INSERT INTO restatement SELECT NULL, 0, emission_id, NULL, 1, 50000001, 1 FROM emission
     WHERE start_unix_ms = ? AND account = 'location'`,
  ).run(hour)
  db.close()
  const after = read()
  const change = (after.total.co2e_location_g ?? 0) - (before.total.co2e_location_g ?? 0)
  assert.ok(Math.abs(change + 50) < 1e-4, `${change}`)
  assert.equal(after.total.co2e_market_g, before.total.co2e_market_g)
  const [was = 0, is = 0] = [before, after].map(({ co2e_location_g: grams }) => grams[0] ?? 0)
  const share = (before.power_w[0] ?? 0) / before.power_w.reduce<number>((sum, watts) => sum + (watts ?? 0), 0)
  assert.ok(Math.abs(was - is - 50 * share) < 0.001)
})
