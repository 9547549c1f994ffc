import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { epyc } from '../fixtures/machines/rapl.ts'
import { type Agent, Host, integrityOf, sumOf } from './agent.ts'
import { bare } from './bare.ts'

const KILLS = 50
/** Of the register. */
const CHANNEL_W = 40
/** More than the machine draws, and longer than a flush and the start of an agent are. */
const MOST_W = 80
const FLUSH_S = 2
/** Every total that the ledger keeps. */
const TOTAL = /^wattledger_(?!sensor_failures|ledger_dropped).*_total/
const CHANNEL = 'wattledger_energy_joules_total{sensor="rapl",scope="package",device="package-0"}'
const NODE = 'wattledger_node_energy_joules_total'
const PARTS = 'wattledger_node_part_energy_joules_total'
/** At most a moment of the beginning, before the meter was there. */
const MODELLED = '{part="processors",quality="estimated"}'
/** What was shown is so old at most: of what no scrape asks. */
const PASS_MS = 5_000
/** Of doubles. */
const ROUNDING_J = 0.01

function ledgerJoules(path: string): { readonly channel: number; readonly node: number } {
  const db = new Database(path, { readonly: true })
  try {
    const joules = (view: string) =>
      (db.prepare(`SELECT sum(energy_kwh) AS kwh FROM ${view}`).get() as { kwh: number }).kwh * 3.6e6
    return { channel: joules("channel_hourly WHERE sensor = 'rapl'"), node: joules('node_hourly') }
  } finally {
    db.close()
  }
}

/** Seconds that the ledger declares to be unknown of the register. */
function gapsOf(path: string): number {
  const db = new Database(path, { readonly: true })
  const seconds =
    "SELECT total(ended_unix_ms - started_unix_ms) / 1e3 FROM gap JOIN channel USING (channel_id) WHERE sensor = 'rapl'"
  try {
    return Number(db.prepare(seconds).pluck().get())
  } finally {
    db.close()
  }
}

/** Scrapes of one agent after another. */
class Watch {
  readonly seen = new Map<string, number>()
  scrapes = 0

  /** One more scrape, in which nothing may have fallen. */
  async look(agent: Agent, when: string): Promise<ReadonlyMap<string, number>> {
    const samples = await agent.scrape()
    this.scrapes++
    for (const [series, value] of samples) {
      if (!TOTAL.test(series)) continue
      const before = this.seen.get(series) ?? 0
      assert.ok(value >= before, `${series} fell from ${before} to ${value} ${when}`)
      this.seen.set(series, value)
    }
    return samples
  }
}

test(`kill -9 during operation, ${KILLS} times: the ledger is whole, no total ever falls, and in the end each is the ledger's`, {
  timeout: 1_200_000,
}, async () => {
  await using host = new Host({ ...bare, ...epyc }, { carbon: { zone: 'DE', water: { wue: 1.8 } } })
  const watch = new Watch()
  const registerJ = () => host.joulesAt(performance.timeOrigin + performance.now())
  // What the register counted before anybody looked, which takes a busy machine seconds.
  let unseenJ = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const agent = await host.start()
    if (kill === 0) {
      await agent.scrapeUntil((samples) => samples.has(CHANNEL))
      unseenJ = registerJ()
    }
    // The golden ratio spreads the kills evenly over two flushes. Some live until the pace of the totals is known.
    const lifeMs = ((kill * 0.618) % 1) * 2_000 + (kill % 10 === 0 ? 6_000 : 200)
    const everyMs = 200 + (kill % 5) * 200
    for (const untilMs = performance.now() + lifeMs; performance.now() < untilMs; ) {
      await watch.look(agent, `after kill ${kill}`)
      await setTimeout(Math.min(everyMs, Math.max(0, untilMs - performance.now())))
    }
    await agent.kill()
    assert.equal(integrityOf(host.ledger), 'ok')
  }

  // What may have been shown stands until the truth has passed it.
  const agent = await host.start()
  const standing = await watch.look(agent, 'in the end')
  const goesOn = (series: string) =>
    series === CHANNEL || ((series.startsWith(NODE) || series.startsWith(PARTS)) && !series.endsWith(MODELLED))
  const last = await agent.scrapeUntil((samples) =>
    [...samples].every(([series, value]) => {
      const stood = standing.get(series) ?? 0
      return !goesOn(series) || stood === 0 || value > stood
    }),
  )
  const countedJ = registerJ() - unseenJ
  const lastMs = performance.now()
  assert.equal(await agent.stop(), 0)
  // A busy machine takes its time to end.
  const mostJ = MOST_W * (FLUSH_S + (performance.now() - lastMs) / 1e3)
  const ledger = ledgerJoules(host.ledger)
  const shown = { channel: last.get(CHANNEL) ?? 0, node: sumOf(last, NODE), parts: sumOf(last, PARTS) }
  console.log(`${KILLS} kills, ${watch.scrapes} scrapes of ${watch.seen.size} totals, none fell:`, { ledger, shown })
  for (const whose of ['channel', 'node'] as const) {
    const ahead = ledger[whose] - shown[whose]
    assert.ok(ahead > -ROUNDING_J && ahead < mostJ, `${whose}: the ledger is ${ahead} J ahead of the last scrape`)
  }
  assert.ok(Math.abs(shown.parts - shown.node) < ROUNDING_J, 'the parts sum to the machine')
  // A start that took so long that the register may have wrapped is a gap.
  const countableJ = countedJ - CHANNEL_W * gapsOf(host.ledger)
  assert.ok(countableJ - ledger.channel < FLUSH_S * MOST_W, `${countableJ} J, kills and all, and ${ledger.channel} J`)
})

test('kill -9 between two flushes that are two minutes apart: what was counted is written, and totals go on from what was shown', {
  timeout: 400_000,
}, async () => {
  await using host = new Host({ ...bare, ...epyc }, { ledger: { flush: '2m' } })
  const watch = new Watch()
  const first = await host.start()
  await first.scrapeUntil((samples) => (samples.get(CHANNEL) ?? 0) > 0)
  while (!existsSync(join(host.runtime, 'unwritten'))) await setTimeout(100)
  const before = await watch.look(first, 'before')
  const [shownJ, beganMs] = [sumOf(before, NODE), performance.now()]
  const writtenJ = ledgerJoules(host.ledger)
  await first.kill()
  const next = await host.start()
  await next.logged(({ event }) => event === 'ledger_batches_resumed')
  assert.ok(ledgerJoules(host.ledger).channel > writtenJ.channel, 'what was kept is in the ledger')
  const after = await watch.look(next, 'after the kill')
  const possibleJ = (MOST_W * (performance.now() - beganMs + PASS_MS)) / 1e3
  const joules = sumOf(after, NODE) - shownJ
  assert.ok(joules <= possibleJ, `${joules} J more after the kill, where ${possibleJ} J are possible`)
  assert.equal(await next.stop(), 0)
})
