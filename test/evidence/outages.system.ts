/** The figures of docs/comparison.md: what the total of a machine makes of outages, beside the truth. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { HOST_OVERHEAD_PPM, USUAL_EFFICIENCY } from '../../src/model/host-power.ts'
import { type Agent, Host, sumOf } from './agent.ts'
import { bare } from './bare.ts'
import { xeonPair } from './machines.ts'

const NODE = 'wattledger_node_energy_joules_total'
const READ_AT = 'wattledger_sensor_last_reading_timestamp_seconds{sensor="rapl"}'
const CHANNEL = 'wattledger_energy_joules_total{sensor="rapl",scope="package",device="package-0"}'
/** Joules of the machine for one of a zone: two packages and their memory, and the rest and the supply in proportion. */
const NODE_SHARE = (4 * (1 + Number(HOST_OVERHEAD_PPM) / 1e6)) / USUAL_EFFICIENCY
const ZONES = ['intel-rapl:0', 'intel-rapl:0:0', 'intel-rapl:1', 'intel-rapl:1:0']
const OUTAGE_MS = 20_000
const SPAN_MS = 65_000
/** Two readings of registers that are looked at once a second, in a span of a minute and more. */
const MOST = 0.02

interface Seen {
  /** When the registers were read of which it tells. */
  readonly atMs: number
  readonly node: number
  readonly channel: number
}

async function look(agent: Agent): Promise<Seen> {
  const samples = await agent.scrape()
  return {
    atMs: 1e3 * (samples.get(READ_AT) ?? Number.NaN),
    node: sumOf(samples, NODE),
    channel: samples.get(CHANNEL) ?? 0,
  }
}

const OUTAGES: Readonly<Record<string, (host: Host, agent: Agent) => Promise<Agent>>> = {
  'one zone empty for 20 s': async (host, agent) => {
    host.lose('intel-rapl:0')
    await setTimeout(OUTAGE_MS)
    host.lose('intel-rapl:0', false)
    return agent
  },
  'all zones empty for 20 s': async (host, agent) => {
    for (const zone of ZONES) host.lose(zone)
    await setTimeout(OUTAGE_MS)
    for (const zone of ZONES) host.lose(zone, false)
    return agent
  },
  // After a kill a total stands at its ceiling, which is up to two flushes ahead, until the true one has passed it.
  'kill -9, and 20 s down': async (host, agent) => {
    await agent.kill()
    await setTimeout(OUTAGE_MS)
    return await host.start()
  },
}

describe('an outage of 20 s costs no energy', { concurrency: true }, () => {
  for (const [what, cause] of Object.entries(OUTAGES)) {
    test(what, async (t) => {
      await using host = new Host({ ...bare, ...xeonPair }, { ledger: { flush: '2m' } })
      const first = await host.start()
      await first.scrapeUntil((samples) => sumOf(samples, NODE) > 1_000)
      const from = await look(first)
      const agent = await cause(host, first)
      const between = await look(agent)
      await setTimeout(Math.max(0, from.atMs + SPAN_MS - performance.timeOrigin - performance.now()))
      const until = await look(agent)
      const truth = host.joulesAt(until.atMs) - host.joulesAt(from.atMs)
      const off = {
        node: (until.node - from.node) / (truth * NODE_SHARE) - 1,
        channel: (until.channel - from.channel) / truth - 1,
      }
      t.diagnostic(`node ${(100 * off.node).toFixed(2)} %, channel ${(100 * off.channel).toFixed(2)} %`)
      assert.ok(between.node >= from.node && until.node >= between.node, 'the total has not fallen')
      assert.ok(Math.abs(off.node) < MOST && Math.abs(off.channel) < MOST, JSON.stringify(off))
    })
  }
})
