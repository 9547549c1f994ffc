import assert from 'node:assert/strict'
import { test } from 'node:test'
import { epyc } from '../fixtures/machines/rapl.ts'
import { type Agent, Host } from './agent.ts'
import { bare } from './bare.ts'

const SWEEPS = 'wattledger_sensor_read_seconds_count{sensor="rapl"}'
const SWEEPS_OBSERVED = 5

const READ_AT = 'wattledger_sensor_last_reading_timestamp_seconds{sensor="rapl"}'

type Samples = Awaited<ReturnType<Agent['scrape']>>

/** Sweeps of the RAPL thread in a second of its own time between two scrapes. */
function pace(from: Samples, until: Samples): number {
  const grown = (series: string) => (until.get(series) ?? Number.NaN) - (from.get(series) ?? Number.NaN)
  return grown(SWEEPS) / grown(READ_AT)
}

test('ten scrapers at once make one more reading a second, and no failure', async () => {
  await using host = new Host({ ...bare, ...epyc })
  const agent = await host.start()
  const from = await agent.scrapeUntil((samples) => (samples.get(SWEEPS) ?? 0) > 0)
  let isScraping = true
  let scrapes = 0
  const scrapers = Array.from({ length: 10 }, async () => {
    while (isScraping) {
      await agent.get('/metrics')
      scrapes += 1
    }
  })
  const until = await agent.scrapeUntil(
    (samples) => (samples.get(SWEEPS) ?? 0) >= (from.get(SWEEPS) ?? 0) + SWEEPS_OBSERVED && scrapes > 50,
  )
  isScraping = false
  await Promise.all(scrapers)
  // The thread reads in its own time, and at most once in between for all who look.
  const sweeps = pace(from, until)
  assert.ok(sweeps > 0.75 && sweeps < 2.5, `${sweeps} sweeps a second`)
  const samples = await agent.scrape()
  for (const code of ['SENSOR_TIMEOUT', 'SENSOR_TRANSIENT', 'SENSOR_CORRUPT']) {
    assert.equal(samples.get(`wattledger_sensor_failures_total{sensor="rapl",code="${code}"}`), 0)
  }
  assert.equal(await agent.stop(), 0)
})
