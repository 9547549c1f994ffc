/** Debian: curl sqlite3 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { allOf } from '../docs/blocks.ts'
import { xeon2s } from '../fixtures/machines/rapl.ts'
import { Host } from './agent.ts'
import { bare } from './bare.ts'

const [scrape = '', ask = '', ...others] = allOf('sh')
  .filter(({ page }) => page === 'docs/getting-started.md')
  .map(({ text }) => text)
const shown = allOf('').filter(({ page, text }) => page === 'docs/getting-started.md' && text.startsWith('wattledger_'))

const HOURS = /^hour +energy_kwh +co2e_location_g +coverage_pct\n.*\n\d{4}-\d\d-\d\dT\d\d:00:00Z /

test('what getting-started.md has a newcomer type gives what it shows', async (t) => {
  assert.equal(others.length, 0)
  await using host = new Host({ ...bare, ...xeon2s }, { carbon: { zone: 'DE' } })
  const agent = await host.start()
  const address = await agent.ready()
  await agent.scrapeUntil(
    (samples) =>
      (samples.get('wattledger_node_co2e_grams_total{scope="2",basis="location",ef_basis="life-cycle"}') ?? 0) > 0,
  )
  const run = async (command: string) => {
    const here = command.replace('http://localhost:10910', address).replace('/var/lib/wattledger', host.state)
    return (await promisify(execFile)('sh', ['-euc', here], { signal: t.signal })).stdout
  }
  const scraped = await run(scrape)
  for (const line of shown.flatMap(({ text }) => text.trimEnd().split('\n'))) {
    const series = line.slice(0, line.lastIndexOf(' '))
    assert.ok(scraped.includes(`${series} `), series)
  }
  // A scrape is ahead of the ledger.
  while (!HOURS.test(await run(ask))) await setTimeout(100, undefined, { signal: t.signal })
})
