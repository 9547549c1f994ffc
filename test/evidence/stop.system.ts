import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { epyc } from '../fixtures/machines/rapl.ts'
import { Host, integrityOf, sumOf } from './agent.ts'
import { bare } from './bare.ts'

const machine = { ...bare, ...epyc }

/** Each stage of the start, by the line that marks it. */
const STAGES = [
  'carbon_zone_unset',
  'ledger_opened',
  'exporter_listening',
  'sensor_opened',
  'sensor_unavailable',
  'ready',
]

describe('SIGTERM at each stage of the start', { concurrency: 3 }, () => {
  for (const stage of STAGES) {
    test(`after ${stage}: a clean end, and the next start goes on`, async () => {
      await using host = new Host(machine)
      const agent = host.launch()
      await agent.logged(({ event }) => event === stage)
      assert.equal(await agent.stop(), 0, agent.stderr)
      assert.equal(agent.stderr, '')
      const next = await host.start()
      assert.equal(await next.stop(), 0)
      assert.equal(integrityOf(host.ledger), 'ok')
    })
  }
})

test('a second signal ends the agent at once', async () => {
  await using host = new Host(machine)
  const agent = await host.start()
  agent.process.kill('SIGTERM')
  agent.process.kill('SIGINT')
  await agent.ended
  assert.equal(agent.process.signalCode, null)
})

test('kill -9 between two flushes: what was shown is shown again, and the counter bridges the rest', async () => {
  await using host = new Host(machine, { ledger: { flush: '2m' } })
  const agent = await host.start()
  const shown = await agent.scrapeUntil((samples) => sumOf(samples, 'wattledger_node_energy_joules_total') > 0)
  await agent.kill()
  assert.equal(integrityOf(host.ledger), 'ok')
  const next = await host.start()
  const totals = [...shown].filter(
    ([series]) => /^wattledger_.*_total/.test(series) && !/sensor_failures|ledger_dropped/.test(series),
  )
  const after = await next.scrapeUntil((samples) => totals.every(([series]) => samples.has(series)))
  for (const [series, value] of totals)
    assert.ok((after.get(series) ?? 0) >= value, `${series} fell from ${value} to ${after.get(series)}`)
  assert.equal(await next.stop(), 0)
})
