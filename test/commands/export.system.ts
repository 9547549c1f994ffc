import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { parquetMetadata } from 'hyparquet'
import { SERIES_VIEWS } from '../../src/ledger/view-rows.ts'
import { DAY_MS, HOUR_MS } from '../../src/model/time.ts'
import { T0 } from '../ledger/setting.ts'
import { sealedLedger } from '../seal/setting.ts'
import { configOf, fill, MAIN, program } from './export-setting.ts'

const present = spawnSync('promtool', ['--version']).status === 0
const skip = present || process.env.CI === 'true' ? false : 'promtool is missing: apt-get install prometheus'

test('promtool makes blocks of what is exported as OpenMetrics', { skip }, async (t) => {
  const books = await sealedLedger(t)
  books.write(0, 5)
  const db = new Database(books.path)
  // Two consumers of one name are one series.
  db.exec("DELETE FROM channel_hour; DELETE FROM node_hour; UPDATE consumer SET kind = 'pod', name = 'same'")
  db.exec("UPDATE consumer_hour SET tenant = 'shop'")
  db.close()
  fill(t, books.path, 26)
  const run = program(books.state)
  const data = join(books.state, 'data')
  mkdirSync(join(data, 'wal'), { recursive: true })
  for (const view of SERIES_VIEWS) {
    const file = join(books.state, `${view}.om`)
    const { status, stderr } = await run('export', '--view', view, '--format', 'openmetrics', '--out', file)
    assert.deepEqual([status, stderr], [0, ''])
    execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', file, data], { stdio: 'pipe' })
  }
  const lines = execFileSync('promtool', ['tsdb', 'dump', data], { encoding: 'utf8' }).split('\n')
  const of = (name: string) => lines.filter((line) => line.startsWith(`{__name__="wattledger_${name}"`))
  assert.equal(of('node_hourly_energy_kwh').length, 26)
  const first = `{__name__="wattledger_node_hourly_energy_kwh", meter="psys"} 1 ${T0 + HOUR_MS}`
  assert.equal(of('node_hourly_energy_kwh')[0], first)
  assert.equal(of('channel_hourly_energy_kwh').length, 52)
  const gpu = String.raw`device="a \"GPU\", no. 1\\x"`
  assert.ok(of('channel_hourly_max_w').some((line) => line.includes(gpu)))
  assert.equal(of('consumer_hourly_energy_kwh').length, 5)
  const days = of('node_daily_energy_kwh')
  assert.deepEqual([days.length, days.every((line) => Number(line.split(' ').at(-1)) % DAY_MS === 0)], [2, true])
})

test('a year of channels goes through a heap that could not hold it', async (t) => {
  const books = await sealedLedger(t)
  fill(t, books.path, 24 * 366)
  const db = new Database(books.path)
  db.exec(`
    WITH RECURSIVE gpu(n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM gpu WHERE n < 129)
    INSERT INTO channel SELECT n, 'nvml', 'gpu', 'gpu ' || n, 'power', 'measured' FROM gpu;
    INSERT INTO channel_hour SELECT start_unix_ms, channel.channel_id, energy_uj, covered_ms, 7 FROM node_hour, channel
      WHERE channel.channel_id >= 100`)
  db.close()
  const flags = ['--max-old-space-size=20', '--max-semi-space-size=1', MAIN, 'export', '--view', 'channel_hourly']
  for (const format of ['csv', 'jsonl', 'parquet']) {
    const words = [
      ...flags,
      '--format',
      format,
      '--out',
      join(books.state, 'year'),
      '--force',
      '-c',
      configOf(books.state),
    ]
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
    assert.deepEqual([status, stderr], [0, ''], format)
    const file = readFileSync(join(books.state, 'year'))
    const rows = 366 * 24 * 31
    if (format === 'parquet') {
      assert.equal(parquetMetadata(new Uint8Array(file).buffer).num_rows, BigInt(rows))
      continue
    }
    assert.equal(file.toString().trimEnd().split('\n').length, rows + (format === 'csv' ? 1 : 0))
    assert.ok(file.length > 15e6, `${file.length} bytes`)
  }
})
