import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { parse } from 'yaml'
import { scratchDirectory, startLedger } from '../ledger/setting.ts'
import { asked, NOW } from './asked.ts'
import { handMade } from './hand-made.ts'

const SPAN = { from: '2026-10-31T22:00:00Z', to: '2026-11-01T02:00:00Z', format: 'if' }

test('what is not known of every row is left out, and the description says so', async (t) => {
  const folder = await handMade(t)
  const byPart = parse((await asked(folder, { ...SPAN, by: 'part' })).out)
  assert.deepEqual(byPart.aggregation.metrics, ['energy', 'carbon-operational', 'carbon'])
  assert.match(byPart.description, /carbon-embodied is left out, since it is not known of every row/)
  assert.deepEqual(Object.keys(byPart.tree.children), ['processors', 'rest'])
  const db = new Database(join(folder, 'ledger.db'))
  db.exec('UPDATE node_hour SET co2e_location_ug = NULL, embodied_ug = NULL')
  db.close()
  const unknown = parse((await asked(folder, { ...SPAN, by: 'day' })).out)
  assert.deepEqual(unknown.aggregation.metrics, ['energy'])
  assert.deepEqual(unknown.initialize.plugins, {})
  assert.deepEqual(Object.keys(unknown.tree.children).length, 1)
})

test('names are text whatever they hold, and none is lost', async (t) => {
  const folder = await handMade(t)
  const db = new Database(join(folder, 'ledger.db'))
  db.exec("UPDATE consumer SET name = 'x: [1', kind = 'pod' WHERE name IN ('train', 'web.service')")
  db.close()
  const { tree } = parse((await asked(folder, { ...SPAN, by: 'consumer' })).out, { version: '1.1' })
  assert.deepEqual(Object.keys(tree.children), ['pod x: [1', 'unallocated', 'pod x: [1 (3)', 'not split'])
})

test('a ledger without energy is one line and exit code 1', async (t) => {
  const folder = scratchDirectory(t)
  await startLedger(t, join(folder, 'ledger.db'), { unixMs: () => NOW })
  assert.deepEqual(await asked(folder, SPAN), {
    code: 1,
    out: '',
    err: 'wattledger: --format if: the ledger has no energy in this time, and a manifest needs some\n',
  })
})
