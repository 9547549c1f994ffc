import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { renderExposition } from '../../src/exporter/exposition.ts'
import { familiesOf } from '../../src/exporter/metric.ts'
import { SNAPSHOT_METRICS } from '../../src/exporter/metrics.ts'
import { NO_FOOTPRINT } from '../../src/model/footprint.ts'
import { A_SNAPSHOT } from './a-snapshot.ts'

const present = spawnSync('promtool', ['--version']).status === 0
const skip = present || process.env.CI === 'true' ? false : 'promtool is missing: apt-get install prometheus'

test('promtool finds nothing to complain about in the golden scrape', { skip }, () => {
  const input = readFileSync(join(import.meta.dirname, 'golden/scrape.prom'))
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })
  assert.equal(`${stdout}${stderr}`, '')
  assert.equal(status, 0)
})

test('promtool takes what a control group may be called', { skip }, async () => {
  const names = [
    'a\nb',
    'say "hi"',
    'back\\slash\\',
    '\ud800',
    '\u0001\u007f',
    '{a="b"} 1',
    '# TYPE x gauge',
    'é'.repeat(127),
    '😀'.repeat(63),
  ]
  const consumers = names.map((name) => ({
    consumer: { kind: 'group', id: name, name, labels: {} } as const,
    tenant: name,
    idleUj: 1n,
    dynamicUj: 2n,
    booked: NO_FOOTPRINT,
    bornUnixMs: 1,
    goneUnixMs: null,
  }))
  const attribution = { consumers, tenants: names.map((tenant) => ({ tenant, idleUj: 1n, dynamicUj: 2n })) }
  const families = familiesOf(SNAPSHOT_METRICS, { ...A_SNAPSHOT, attribution })
  const input = await renderExposition(families, 'text')
  assert.equal(input.match(/^wattledger_consumer_energy_joules_total\{/gm)?.length, 2 * names.length)
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })
  assert.equal(`${stdout}${stderr}`, '')
  assert.equal(status, 0)
})

test('promtool refuses a scrape with a fault, so its silence means something', { skip }, () => {
  const input = '# TYPE wattledger_node_energy_joules counter\nwattledger_node_energy_joules 1\n'
  const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })
  assert.match(stderr, /_total/)
  assert.notEqual(status, 0)
})
