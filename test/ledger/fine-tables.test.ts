import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { afterwards, formerLedger, scratchDirectory, startLedger, steadyBatch, T0 } from './setting.ts'

const FORMER = 4

/** As an agent of format 4 left it: ten seconds before `steadyBatch(0)`, and the first of its two postings. */
const ROWS = `
INSERT INTO channel VALUES (7, 'rapl', 'package', 'package-0', 'counter', 'measured');
INSERT INTO channel_raw VALUES (${T0 - 10_000}, 7, 10000, 5, 10000, 9, 1), (${T0}, 7, 4000, 6, 4000, 8, 0);
INSERT INTO channel_minute VALUES (${T0 - 60_000}, 7, 5, 10000, 9), (${T0}, 7, 6, 4000, 8);
INSERT INTO channel_hour VALUES (${T0 - 3_600_000}, 7, 5, 10000, 9), (${T0}, 7, 6, 4000, 8);
INSERT INTO node_raw VALUES
  (${T0 - 10_000}, 'dcmi', 'measured', 10000, 5, 1, 7, 10000, 3, NULL, 2, NULL, 1),
  (${T0}, 'psys', 'measured', 4000, 6, 1, 8, 4000, 4, NULL, NULL, NULL, NULL);
INSERT INTO node_minute VALUES
  (${T0 - 60_000}, 'dcmi', 'measured', 5, 1, 7, 10000, 3, NULL, 2, NULL, 1),
  (${T0}, 'psys', 'measured', 6, 1, 8, 4000, 4, NULL, NULL, NULL, NULL);
CREATE VIEW mine AS SELECT sum(energy_uj) FROM channel_raw;
INSERT INTO part_minute VALUES (${T0 - 60_000}, 'memory', 'estimated', 5), (${T0}, 'rest', 'measured', 6)`

const ALL = {
  channel_raw: 'start_unix_ms, channel_id, duration_ms, energy_uj, covered_ms, max_uw, bridged',
  channel_minute: 'start_unix_ms, channel_id, energy_uj, covered_ms, max_uw',
  node_raw:
    'start_unix_ms, meter, quality, duration_ms, energy_uj, uncertainty_uj, facility_uj, covered_ms, co2e_location_ug, co2e_market_ug, embodied_ug, site_water_ul, grid_water_ul',
  node_minute:
    'start_unix_ms, meter, quality, energy_uj, uncertainty_uj, facility_uj, covered_ms, co2e_location_ug, co2e_market_ug, embodied_ug, site_water_ul, grid_water_ul',
  part_minute: 'start_unix_ms, part, quality, energy_uj',
}

function rowsOf(path: string) {
  const db = openAny(path)
  const rows = Object.entries(ALL).map(([table, columns]) => [
    table,
    db.prepare(`SELECT ${columns} FROM ${table} ORDER BY start_unix_ms`).raw().all(),
  ])
  db.close()
  return Object.fromEntries(rows) as Record<keyof typeof ALL, unknown[][]>
}

function openAny(path: string): Database.Database {
  return new Database(path, { readonly: true })
}

test('postings and minutes of an earlier format are all there, and go on where they end', async (t) => {
  const path = formerLedger(t, FORMER, ROWS)
  const before = rowsOf(path)
  assert.deepEqual(Object.values(before).flat().length, 10)
  const ledger = await startLedger(t, path)
  assert.deepEqual(rowsOf(path), before)
  const db = openReadOnly(path)
  afterwards(t, () => db.close())
  assert.equal(db.prepare('SELECT * FROM mine').pluck().get(), 11, "a user's view")
  ledger.write(steadyBatch(0))
  const { channel_raw: raw, node_minute: minutes, part_minute: parts } = rowsOf(path)
  const energyUj = 1_000_000_006
  assert.deepEqual(raw[1], [T0, 7, 10_000, energyUj, 14_000, 100_000_000, 0], 'the posting that was cut in two')
  assert.deepEqual(minutes[1]?.slice(0, 8), [
    T0,
    'psys',
    'measured',
    energyUj,
    50_000_001,
    1_000_000_008,
    14_000,
    132_004,
  ])
  assert.deepEqual(parts[1], [T0, 'rest', 'measured', energyUj])
  assert.deepEqual([raw.length, minutes.length, parts.length], [2, 2, 2])
})

test('rows of one start are found by its time, and fill their pages one after another', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  for (let n = 0; n < 1_000; n++) ledger.write(steadyBatch(n))
  await ledger.stop()
  const db = openReadOnly(path)
  afterwards(t, () => db.close())
  for (const table of ['channel_raw', 'node_raw']) {
    const fill = db
      .prepare<[string], number>(
        "SELECT 1.0 - 1.0 * sum(unused) / sum(pgsize) FROM dbstat WHERE name = ? AND pagetype = 'leaf'",
      )
      .pluck()
      .get(table)
    assert.ok((fill ?? 0) > 0.9, `${table} ${fill}`)
  }
  const starts = db.prepare('SELECT min(start_unix_ms), max(start_unix_ms), count(*) FROM channel_raw').raw().get()
  assert.deepEqual(starts, [T0, T0 + 9_990_000, 1_000])
})
