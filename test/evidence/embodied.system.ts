import assert from 'node:assert/strict'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { epyc } from '../fixtures/machines/rapl.ts'
import { restOf } from '../ledger/setting.ts'
import { type Agent, Host } from './agent.ts'
import { bare } from './bare.ts'

const EMBODIED = 'wattledger_node_co2e_grams_total{scope="3",basis="embodied",ef_basis="life-cycle"}'
/** 35,040 h of 4 years at 3.6 kg per hour: a gram per second. */
const ONE_GRAM_PER_SECOND = { total_kg: 126_144 }

/** Waits until so many grams are shown. */
async function grams(agent: Agent, atLeast: number): Promise<number> {
  const samples = await agent.scrapeUntil((all) => (all.get(EMBODIED) ?? 0) >= atLeast)
  return samples.get(EMBODIED) ?? 0
}

test('embodied carbon accrues by covered time, survives restarts, and stands in the hours to the µg', async () => {
  await using host = new Host({ ...bare, ...epyc }, { carbon: { zone: 'DE', embodied: ONE_GRAM_PER_SECOND } })
  const first = await host.start()
  const shown = await grams(first, 2)
  await first.kill()
  const second = await host.start()
  const after = await grams(second, shown)
  assert.ok(after >= shown, `${after} g after ${shown} g`)
  await grams(second, after + 1)
  assert.equal(await second.stop(), 0)

  const db = new Database(host.ledger, { readonly: true })
  const bookedUg = Number(restOf(db).carbon.bookedUg.embodied['life-cycle'])
  const hours = db.prepare('SELECT sum(embodied_ug) AS ug, sum(covered_ms) AS ms FROM node_hour').get() as Hours
  db.close()
  assert.equal(hours.ug, bookedUg)
  // A gram per second of covered time; labels are whole milliseconds.
  assert.ok(Math.abs(bookedUg / 1e6 - hours.ms / 1e3) < 0.1, `${bookedUg} µg in ${hours.ms} ms`)
})

interface Hours {
  readonly ug: number
  readonly ms: number
}

test('a machine that shall not count has no such series', async () => {
  await using host = new Host({ ...bare, ...epyc }, { carbon: { zone: 'DE', embodied: 'none' } })
  const agent = await host.start()
  const samples = await agent.scrapeUntil((all) => all.has('wattledger_node_power_watts'))
  assert.equal(samples.has(EMBODIED), false)
  assert.equal(await agent.stop(), 0)
})
