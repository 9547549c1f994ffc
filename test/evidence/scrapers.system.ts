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

test('ten scrapers at once make one more reading a second, and no failure', async () => {
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
  // The thread reads in its own time, and at most once in between for all who look.
  assert.ok(
    takenMs > SWEEPS_OBSERVED * 400 && takenMs < (SWEEPS_OBSERVED + 1.5) * 1_000,
    `${takenMs} ms for ${SWEEPS_OBSERVED} sweeps`,
  )
  const samples = await agent.scrape()
  for (const code of ['SENSOR_TIMEOUT', 'SENSOR_TRANSIENT', 'SENSOR_CORRUPT']) {
    assert.equal(samples.get(`wattledger_sensor_failures_total{sensor="rapl",code="${code}"}`), 0)
  }
  assert.equal(await agent.stop(), 0)
})
