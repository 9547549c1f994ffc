import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { epyc } from '../fixtures/machines/rapl.ts'
import { freePort } from '../lab/free-port.ts'
import { Host } from './agent.ts'
import { bare } from './bare.ts'
import { missing, Prometheus } from './prometheus.ts'

const WINDOW_S = 60

interface Sample {
  readonly atS: number
  readonly joules: number
}

/** The newest sample of the node's energy after `afterS`. */
async function sampleAfter(prometheus: Prometheus, afterS: number): Promise<Sample> {
  for (;;) {
    const series = await prometheus.query('wattledger_node_energy_joules_total[5s]')
    const last = series.map(({ values }) => values.at(-1) ?? ([0, '0'] as const))
    const atS = last[0]?.[0] ?? 0
    if (atS > afterS) return { atS, joules: last.reduce((sum, [, value]) => sum + Number(value), 0) }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function ledgerJoules(path: string): number {
  const db = new Database(path, { readonly: true })
  const { kwh } = db.prepare('SELECT coalesce(sum(energy_kwh), 0) AS kwh FROM node_hourly').get() as { kwh: number }
  db.close()
  return kwh * 3.6e6
}

test("a minute of Prometheus: increase() is the ledger's view", {
  skip: missing('prometheus'),
  timeout: 180_000,
}, async () => {
  await using host = new Host({ ...bare, ...epyc }, { ledger: { flush: '10s' } })
  const agent = await host.start()
  const address = String((await agent.logged(({ event }) => event === 'ready')).address)
  const job = { job_name: 'node', static_configs: [{ targets: [new URL(address).host] }] }
  await using prometheus = new Prometheus(await freePort('tcp'), [job])
  // What the ledger says and what is scraped can be compared when no flush came in between.
  const agreed = async (): Promise<Sample & { readonly ledger: number }> => {
    for (;;) {
      const before = ledgerJoules(host.ledger)
      const sample = await sampleAfter(prometheus, Date.now() / 1e3)
      if (before > 0 && ledgerJoules(host.ledger) === before) return { ...sample, ledger: before }
    }
  }
  const first = await agreed()
  await sampleAfter(prometheus, first.atS + WINDOW_S)
  const last = await agreed()
  const range = Math.round((last.atS - first.atS) * 1e3)
  const series = await prometheus.query(`sum(increase(wattledger_node_energy_joules_total[${range}ms]))`, last.atS)
  const increase = Number(series[0]?.value[1])
  const ledger = last.ledger - first.ledger
  console.log(`over ${range / 1e3} s: Prometheus ${increase} J, ledger ${ledger} J`)
  assert.ok(ledger > 100)
  assert.ok(Math.abs(increase / ledger - 1) < 0.001, `${increase} J against ${ledger} J`)
  const up = await prometheus.query(`min_over_time(up[${range}ms])`, last.atS)
  assert.equal(up[0]?.value[1], '1')
})

test('promtool finds nothing to complain of in any golden scrape', { skip: missing('promtool') }, () => {
  const golden = join(import.meta.dirname, 'golden')
  for (const file of readdirSync(golden)) {
    const input = readFileSync(join(golden, file), 'utf8').replaceAll(/ \*$/gm, ' 1')
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })
    assert.deepEqual({ file, status, said: stdout + stderr }, { file, status: 0, said: '' })
  }
})
