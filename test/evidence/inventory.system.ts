import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { epyc } from '../fixtures/machines/rapl.ts'
import { memoryDevice, powerSupply } from '../machine/smbios-table.ts'
import { Host } from './agent.ts'
import { bare } from './bare.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const TABLE = 'sys/firmware/dmi/tables/DMI'
const PARTS = [...Array.from({ length: 8 }, () => memoryDevice({ sizeMb: 8_192 })), powerSupply({ present: true })]

/** kg that the agent spreads, and what its ledger holds of the inventory. */
async function counted(host: Host): Promise<{ kg: unknown; events: unknown[] }> {
  const agent = await host.start()
  const { kg } = await agent.logged(({ event }) => event === 'embodied')
  assert.equal(await agent.stop(), 0)
  const db = new Database(host.ledger, { readonly: true })
  const events = db.prepare("SELECT what FROM events WHERE what LIKE 'inventory%' ORDER BY at").pluck().all()
  db.close()
  return { kg, events }
}

test('the agent counts what root saw before it, and notes when it cannot', async () => {
  await using host = new Host({ ...bare, ...epyc })
  mkdirSync(dirname(join(host.root, TABLE)), { recursive: true })
  writeFileSync(join(host.root, TABLE), Buffer.concat(PARTS))
  const withTable = await counted(host)
  execFileSync(process.execPath, [MAIN, 'inventory', '--save', '--config', host.configFile])
  rmSync(join(host.root, TABLE))
  assert.deepEqual(await counted(host), { kg: withTable.kg, events: [] })
  writeFileSync(join(host.state, 'inventory.json'), '{')
  const assumed = await counted(host)
  assert.deepEqual(assumed.events, ['inventory_ignored'])
  assert.notEqual(assumed.kg, withTable.kg)
})
