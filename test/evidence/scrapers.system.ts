import assert from 'node:assert/strict'
import { test } from 'node:test'
import { epyc } from '../fixtures/machines/rapl.ts'
import { type Agent, Host } from './agent.ts'
import { bare } from './bare.ts'

const SWEEPS = 'wattledger_sensor_read_seconds_count{sensor="rapl"}'
const SWEEPS_OBSERVED = 5

/** Milliseconds that the RAPL thread took for its next few sweeps, as seen by one slow observer. */
async function sweepTime(agent: Agent): Promise<number> {
  const first = (await agent.scrape()).get(SWEEPS) ?? 0
  const startedMs = performance.now()
  await agent.scrapeUntil((samples) => (samples.get(SWEEPS) ?? 0) >= first + SWEEPS_OBSERVED)
  return performance.now() - startedMs
}

test('ten scrapers at once change nothing in sampling', async () => {
  await using host = new Host({ ...bare, ...epyc })
  const agent = await host.start()
  await agent.scrapeUntil((samples) => (samples.get(SWEEPS) ?? 0) > 0)
  let isScraping = true
  let scrapes = 0
  const scrapers = Array.from({ length: 10 }, async () => {
    while (isScraping) {
      await agent.get('/metrics')
      scrapes += 1
    }
  })
  const takenMs = await sweepTime(agent)
  isScraping = false
  await Promise.all(scrapers)
  assert.ok(scrapes > 50, `${scrapes} scrapes`)
  // Absolute deadlines: five sweeps take five intervals, give or take the publication of a snapshot each second.
  assert.ok(Math.abs(takenMs - SWEEPS_OBSERVED * 1_000) < 1_500, `${takenMs} ms for ${SWEEPS_OBSERVED} sweeps of 1 s`)
  const samples = await agent.scrape()
  for (const code of ['SENSOR_TIMEOUT', 'SENSOR_TRANSIENT', 'SENSOR_CORRUPT']) {
    assert.equal(samples.get(`wattledger_sensor_failures_total{sensor="rapl",code="${code}"}`), 0)
  }
  assert.equal(await agent.stop(), 0)
})
