import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import { openLedgerFile } from '../../src/ledger/file/opening.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { STEPS } from '../../src/ledger/schema/steps.ts'
import { VIEWS } from '../../src/ledger/schema/views.ts'
import { splitBatch } from './consumers-setting.ts'
import { afterwards, formerLedger, scratchDirectory, startLedger, steadyBatch, T0, writtenLedger } from './setting.ts'

const NEXT = [
  ...STEPS,
  'ALTER TABLE channel ADD COLUMN label TEXT; ALTER TABLE event RENAME TO happening; CREATE TABLE event (event_id INTEGER PRIMARY KEY, at_unix_ms INTEGER, what TEXT, detail TEXT) STRICT;',
]

function open(t: TestContext, path: string, steps: readonly string[]) {
  const opened = openLedgerFile(path, { busyTimeoutMs: 0, nowUnixMs: T0, steps })
  afterwards(t, () => opened.db.close())
  return opened
}

test('an older ledger is copied, brought up to date and loses nothing; a second start has nothing to do', async (t) => {
  const path = await writtenLedger(t)
  const { db, copy } = open(t, path, NEXT)
  assert.equal(copy, `${path}.format-${STEPS.length}`)
  assert.equal(db.pragma('user_version', { simple: true }), NEXT.length)
  assert.deepEqual(db.prepare('SELECT device, label FROM channel').all(), [{ device: 'package-0', label: null }])
  assert.equal(db.prepare('SELECT count(*) FROM node_hourly').pluck().get(), 1)
  db.close()

  const before = openReadOnly(copy)
  assert.equal(before.pragma('user_version', { simple: true }), STEPS.length)
  assert.equal(before.prepare('SELECT count(*) FROM node_hourly').pluck().get(), 1)
  before.close()
  assert.equal((statSync(copy).mode & 0o777).toString(8), '640')

  const again = open(t, path, NEXT)
  assert.equal(again.copy, null)
  assert.equal(again.predecessor, null)
})

test('a step that fails leaves the ledger as it was', async (t) => {
  const path = await writtenLedger(t)
  const failing = [...STEPS, 'CREATE TABLE visitor (name TEXT) STRICT; INSERT INTO nowhere VALUES (1);']
  assert.throws(() => open(t, path, failing), /no such table: nowhere/)
  const ledger = await startLedger(t, path)
  assert.deepEqual(ledger.restore(), steadyBatch(0).state)
  assert.equal(ledger.write(steadyBatch(1)), true)
})

test('a new ledger needs no copy', (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  assert.equal(open(t, path, NEXT).copy, null)
  assert.equal(existsSync(`${path}.format-0`), false)
})

test('views that are not those of this version are made anew; a view of the user stays', async (t) => {
  const path = await writtenLedger(t)
  const db = new Database(path)
  db.exec(
    'DROP VIEW events; DROP VIEW gaps; CREATE VIEW gaps AS SELECT 1; CREATE VIEW mine AS SELECT * FROM node_daily',
  )
  db.close()
  await startLedger(t, path)
  const reader = openReadOnly(path)
  const names = reader.prepare("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name").pluck().all()
  assert.deepEqual(names, [...Object.keys(VIEWS), 'mine'].sort())
  assert.deepEqual(reader.prepare('SELECT * FROM gaps').all(), [])
  reader.close()
})

for (const [format, values] of [
  [2, "40, 5, 'psys', 0, 0"],
  [3, "40, 5, 'psys', 0, 0, 7"],
] as const) {
  test(`a ledger of format ${format} keeps its totals and its hours, and settles from its next hour on`, async (t) => {
    const path = formerLedger(
      t,
      format,
      `
INSERT INTO account VALUES (1, 'b1', ${T0}, 5, 10, 20, 30, ${values});
INSERT INTO node_hour VALUES (${T0 - 7_200_000}, 'psys', 'measured', 3600000000000, 0, 3600000000000, 3600000, 342060000, NULL, 5000000, NULL, NULL)`,
    )
    const old = new Database(path, { readonly: true })
    const columns = old.prepare("SELECT group_concat(name) FROM pragma_table_info('account')").pluck().get()
    assert.match(`${columns}`, /unaccounted_ns,settled_ns,meter,site_water_ul,grid_water_ul/)
    old.close()
    const ledger = await startLedger(t, path)
    const { node, attribution } = ledger.restore() ?? {}
    assert.deepEqual(node?.energyUj, { measured: 10n, derived: 20n, estimated: 30n })
    assert.equal(attribution, null)
    const reader = openReadOnly(path)
    afterwards(t, () => reader.close())
    assert.deepEqual(reader.prepare('SELECT energy_kwh, co2e_location_g FROM node_hourly').raw().all(), [[1, 342.06]])
    assert.deepEqual(reader.prepare('SELECT * FROM consumer_daily').all(), [])
    ledger.write(splitBatch(0))
    ledger.write(splitBatch(360))
    assert.equal(ledger.settled?.node.energyUj, 1_000_000_000n)
    assert.equal(reader.prepare('SELECT count(*) FROM consumer_hourly').pluck().get(), 6)
  })
}

test('a ledger of format 1 keeps its totals, its intensities and its hours', async (t) => {
  const path = formerLedger(
    t,
    1,
    `
INSERT INTO account VALUES (1, 'b1', ${T0}, 5, 10, 20, 30, 40, 987654321, 0, 123456789, 5, 'psys');
INSERT INTO grid_intensity VALUES ('DE', 'life-cycle', 'static:ember-2024', ${T0}, NULL, 342060, 'estimated');
INSERT INTO node_hour VALUES (${T0}, 'psys', 'measured', 3600000000000, 0, 3600000000000, 3600000, 342060000, NULL, 5000000)`,
  )
  const ledger = await startLedger(t, path)
  const { node, carbon } = ledger.restore() ?? {}
  assert.deepEqual(node?.energyUj, { measured: 10n, derived: 20n, estimated: 30n })
  assert.deepEqual(carbon?.bookedUg.location, { direct: 0n, 'life-cycle': 987_654_321n })
  assert.deepEqual(carbon?.bookedUg.embodied, { direct: 0n, 'life-cycle': 123_456_789n })
  assert.deepEqual(ledger.restoreBooks(0), { emissions: [], next: { emissionId: 1, restatementId: 1 } })
  const reader = openReadOnly(path)
  afterwards(t, () => reader.close())
  const columns = 'co2e_location_g, embodied_g, ef_basis, co2e_status, intensity_dq, energy_dq, grid_water_l'
  assert.deepEqual(reader.prepare(`SELECT ${columns} FROM node_hourly`).all(), [
    {
      co2e_location_g: 342.06,
      embodied_g: 5,
      ef_basis: null,
      co2e_status: null,
      intensity_dq: null,
      energy_dq: 2,
      grid_water_l: null,
    },
  ])
  assert.deepEqual(reader.prepare('SELECT source, g_per_kwh FROM intensity').all(), [
    { source: 'static:ember-2024', g_per_kwh: 342.06 },
  ])
  assert.equal(ledger.write(steadyBatch(1)), true)
})
