import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { epyc } from '../fixtures/machines/rapl.ts'
import { freePort } from '../lab/free-port.ts'
import { Host } from './agent.ts'
import { bare } from './bare.ts'
import { ledgerJoules } from './ledger-joules.ts'
import { missing, Prometheus } from './prometheus.ts'

const WINDOW_S = 60
/** Until then what is modelled is not yet anchored on what is measured, so that its rows are not of one power. */
const SETTLED_S = 12

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

/** When the registers were read of which a sample tells: at its scrape, or a moment off where the machine is busy. */
async function readAt(prometheus: Prometheus, atS: number): Promise<number> {
  const [reading] = await prometheus.query('wattledger_sensor_last_reading_timestamp_seconds{sensor="rapl"}', atS)
  return Number(reading?.value[1])
}

test("a minute of Prometheus: increase() is the ledger's energy of that time", {
  skip: missing('prometheus'),
  timeout: 400_000,
}, async () => {
  const load = { joulesAt: (unixMs: number) => 0.04 * unixMs, everyMs: 5 }
  await using host = new Host({ ...bare, ...epyc }, { ledger: { flush: '2m' } }, load)
  const agent = await host.start()
  const job = { job_name: 'node', static_configs: [{ targets: [new URL(await agent.ready()).host] }] }
  await using prometheus = new Prometheus(await freePort('tcp'), [job])
  const first = await sampleAfter(prometheus, Date.now() / 1e3 + SETTLED_S)
  const last = await sampleAfter(prometheus, first.atS + WINDOW_S)
  assert.equal(await agent.stop(), 0)
  const range = Math.round((last.atS - first.atS) * 1e3)
  const series = await prometheus.query(`sum(increase(wattledger_node_energy_joules_total[${range}ms]))`, last.atS)
  const increase = Number(series[0]?.value[1])
  const [fromS, untilS] = [await readAt(prometheus, first.atS), await readAt(prometheus, last.atS)]
  const ledger = ledgerJoules(host.ledger, fromS, untilS)
  console.log(`over ${range / 1e3} s: Prometheus ${increase} J, ledger ${ledger} J`)
  assert.ok(ledger > 100)
  assert.ok(Math.abs(increase / ledger - 1) < 0.002, `${increase} J against ${ledger} J`)
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
