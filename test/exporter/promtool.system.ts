import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const present = spawnSync('promtool', ['--version']).status === 0
const skip = present || process.env.CI === 'true' ? false : 'promtool is missing: apt-get install prometheus'

test('promtool finds nothing to complain about in the golden scrape', { skip }, () => {
  const input = readFileSync(join(import.meta.dirname, 'golden/scrape.prom'))
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
