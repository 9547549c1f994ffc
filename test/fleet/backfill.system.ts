/** Debian: prometheus */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { HOUR_MS } from '../../src/model/time.ts'
import { fill, program } from '../commands/export-setting.ts'
import { missing, Prometheus } from '../evidence/prometheus.ts'
import { freePort } from '../lab/free-port.ts'
import { T0 } from '../ledger/setting.ts'
import { sealedLedger } from '../seal/setting.ts'

test('hours that Prometheus missed come from the ledgers of two hosts, each as its own series', {
  skip: missing('promtool'),
}, async (t) => {
  let history = ''
  for (const instance of ['db-17:10910', 'db-18:10910']) {
    const books = await sealedLedger(t)
    books.write(0, 5)
    const db = new Database(books.path)
    db.exec('DELETE FROM channel_hour; DELETE FROM node_hour')
    db.close()
    fill(t, books.path, 6)
    const out = join(books.state, 'hours')
    const target = ['--label', 'job=wattledger', '--label', `instance=${instance}`]
    const run = program(books.state)
    const { status, stderr } = await run('export', '--format', 'openmetrics', ...target, '--out', out)
    assert.deepEqual([status, stderr], [0, ''])
    history += readFileSync(out, 'utf8').replace('# EOF\n', '')
  }
  // Families of both files, each once.
  const lines = [...new Set(history.trimEnd().split('\n'))].filter((line) => !line.startsWith('#'))
  await using prometheus = new Prometheus(await freePort('tcp'), [], `${lines.join('\n')}\n# EOF\n`)
  await prometheus.ready()
  const energy = 'wattledger_node_hourly_energy_kwh{job="wattledger"}'
  const hours = await prometheus.queryRange(energy, (T0 + HOUR_MS) / 1e3, (T0 + 6 * HOUR_MS) / 1e3, 3600)
  assert.deepEqual(hours.map(({ metric, values }) => [metric.instance, values.length]).sort(), [
    ['db-17:10910', 6],
    ['db-18:10910', 6],
  ])
  const [sum] = await prometheus.query(`sum(${energy})`, (T0 + 4 * HOUR_MS) / 1e3)
  assert.ok(Math.abs(Number(sum?.value[1]) - 2) < 1e-6, sum?.value[1])
})
