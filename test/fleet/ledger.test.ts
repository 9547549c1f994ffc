import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { FleetLedger } from '../../src/fleet/ledger/fleet-ledger.ts'
import type { HostState } from '../../src/fleet/ledger/rows.ts'
import { scratchDirectory } from '../ledger/setting.ts'

const URL = 'http://prometheus:9090'
const AT = Date.UTC(2026, 9, 1)
const STATE: HostState = {
  target: 'instance=n1',
  node: 'n1',
  machine: null,
  labels: { rack: 'r1' },
  untilUnixMs: AT,
  energyUj: 2n ** 61n,
  locationUg: 7n,
  marketUg: null,
  embodiedUg: 1n,
  siteWaterUl: null,
  gridWaterUl: 3n,
  unaccountedMs: 0n,
  uncertaintyPpm: 20_000n,
  puePpm: null,
  chipIdleUj: 1n,
  chipDynamicUj: 2n,
  partsUj: 4n,
  isModelled: true,
}

test('what was read comes back, and a ledger of before keeps what it has', (t) => {
  const folder = scratchDirectory(t)
  const read = () => {
    const ledger = new FleetLedger(folder, URL)
    const states = [...ledger.states(AT, AT + 1)]
    assert.ok(ledger.at(AT).has('piece'))
    ledger.close()
    return states
  }
  const ledger = new FleetLedger(folder, URL)
  ledger.at(AT).putHosts('piece', AT, [STATE], AT)
  ledger.close()
  assert.deepEqual(read(), [{ ...STATE, edgeUnixMs: AT }])
  const db = new Database(join(folder, '2026-10.db'))
  for (const name of ['chip_idle_uj', 'chip_dynamic_uj', 'parts_uj'])
    db.exec(`ALTER TABLE host_state DROP COLUMN ${name}`)
  db.pragma('user_version = 1')
  db.close()
  const before = { ...STATE, chipIdleUj: null, chipDynamicUj: null, partsUj: null, edgeUnixMs: AT }
  assert.deepEqual([read(), read()], [[before], [before]])
})
