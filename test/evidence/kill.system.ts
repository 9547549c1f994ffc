import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { epyc } from '../fixtures/machines/rapl.ts'
import { type Agent, Host, integrityOf, sumOf } from './agent.ts'
import { bare } from './bare.ts'

const KILLS = 40
const FLUSH_S = 1
/** Every total that the ledger keeps. */
const TOTAL = /^wattledger_(?!sensor_failures|ledger_dropped).*_total/
const CHANNEL = 'wattledger_energy_joules_total{sensor="rapl",scope="package",device="package-0"}'
const NODE = 'wattledger_node_energy_joules_total'
const PARTS = 'wattledger_node_part_energy_joules_total'

interface Ledger {
  readonly channel: number
  readonly node: number
}

function ledgerOf(path: string): Ledger {
  const db = new Database(path, { readonly: true })
  try {
    const joules = (sql: string) => (db.prepare(sql).get() as { kwh: number }).kwh * 3.6e6
    return {
      channel: joules(
        "SELECT sum(energy_kwh) AS kwh FROM channel_hourly WHERE device = 'package-0' AND scope = 'package' AND sensor = 'rapl'",
      ),
      node: joules('SELECT sum(energy_kwh) AS kwh FROM node_hourly'),
    }
  } finally {
    db.close()
  }
}

test(`kill -9 during operation, ${KILLS} times: the ledger is whole, no total ever falls, and in the end each is the ledger's`, {
  timeout: 600_000,
}, async () => {
  await using host = new Host({ ...bare, ...epyc }, { carbon: { zone: 'DE', water: { wue: '1.8 L/kWh' } } })
  const seen = new Map<string, number>()
  let scrapes = 0
  const look = async (agent: Agent, when: string): Promise<Map<string, number>> => {
    const samples = await agent.scrape()
    for (const [series, value] of samples) {
      if (!TOTAL.test(series)) continue
      assert.ok(value >= (seen.get(series) ?? 0), `${series} fell from ${seen.get(series)} to ${value} ${when}`)
      seen.set(series, value)
    }
    scrapes++
    return samples
  }
  for (let kill = 0; kill < KILLS; kill++) {
    const agent = await host.start()
    // Scrapes come each 0.2 to 1 s. The golden ratio spreads the kills evenly over two flushes.
    const everyMs = 200 + (kill % 5) * 200
    const lifeMs = 500 + ((kill * 0.618) % 1) * 2_000 * FLUSH_S
    for (const untilMs = performance.now() + lifeMs; performance.now() < untilMs; ) {
      await look(agent, `after kill ${kill}`)
      await setTimeout(Math.min(everyMs, Math.max(0, untilMs - performance.now())))
    }
    await agent.kill()
    assert.equal(integrityOf(host.ledger), 'ok')
  }
  const agent = await host.start()
  // Totals stand until the truth has passed what may have been shown.
  let stood = await look(agent, 'in the end')
  for (let hasPassed = false; !hasPassed; ) {
    await setTimeout(1_000)
    const samples = await look(agent, 'in the end')
    hasPassed = [CHANNEL, ...seen.keys()].every(
      (series) =>
        !series.startsWith(PARTS) || samples.get(series) === 0 || (samples.get(series) ?? 0) > (stood.get(series) ?? 0),
    )
    if (hasPassed) stood = samples
  }
  console.log(stood)
  const last = await look(agent, 'in the end')
  assert.equal(await agent.stop(), 0)
  const ledger = ledgerOf(host.ledger)
  console.log(
    `${KILLS} kills, ${scrapes} scrapes of ${seen.size} totals, none fell`,
    ledger,
    last.get(CHANNEL),
    sumOf(last, NODE),
    sumOf(last, PARTS),
    host.joulesAt(performance.timeOrigin + performance.now()),
  )
})
