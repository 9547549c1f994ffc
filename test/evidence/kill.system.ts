import assert from 'node:assert/strict'
import { test } from 'node:test'
import { epyc } from '../fixtures/machines/rapl.ts'
import { Host, integrityOf } from './agent.ts'
import { bare } from './bare.ts'

const KILLS = 50

test(`kill -9 during operation, ${KILLS} times: the ledger is whole and no total ever falls`, {
  timeout: 600_000,
}, async () => {
  await using host = new Host({ ...bare, ...epyc })
  let shown = new Map<string, number>()
  for (let kill = 0; kill < KILLS; kill++) {
    const agent = await host.start()
    await agent.scrapeUntil((samples) => samples.has('wattledger_node_power_watts'))
    // Flushes come at 1 s; the golden ratio spreads the kills evenly over that second.
    await new Promise((resolve) => setTimeout(resolve, ((kill * 0.618) % 1) * 1_000))
    const samples = await agent.scrape()
    await agent.kill()
    assert.equal(integrityOf(host.ledger), 'ok')
    for (const [series, value] of shown) {
      assert.ok(
        (samples.get(series) ?? 0) >= value,
        `${series} fell from ${value} to ${samples.get(series)} after kill ${kill}`,
      )
    }
    shown = new Map([...samples].filter(([series]) => /^wattledger_(node_|energy_|unaccounted_).*_total/.test(series)))
  }
  console.log(`${KILLS} kills, ${shown.size} totals, none fell`)
})
