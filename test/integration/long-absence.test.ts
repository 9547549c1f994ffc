import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import type { LedgerBatch, LedgerState } from '../../src/model/batch.ts'
import { scratchDirectory, startLedger } from '../ledger/setting.ts'
import { count, counterChannel, integration, seconds, TestClock, watts } from './machine.ts'

const DAY_S = 86_400
const board = counterChannel('GPU-0', { sensor: 'nvml', scope: 'gpu', modulus: null, hardware: '0000:17:00.0' })

/** A minute of a board at 200 W, whose counter goes on without an agent, too. */
function runFor(clock: TestClock, restored: LedgerState | null, sinceNs: bigint): LedgerBatch {
  const run = integration(clock, restored)
  run.setChannels('nvml', [board])
  run.openAccount()
  for (let second = 0; second < 60; second++) {
    clock.advance(seconds(1))
    run.accept('nvml', [
      { first: 0, readings: [count(clock.ns, ((clock.ns - sinceNs) * watts(200)) / 1_000_000_000n)] },
    ])
    run.tick()
  }
  return run.collect(true)
}

test('an agent that was off for months bridges a counter by the hour, and each hour is as uncertain as its own energy', async (t) => {
  const clock = new TestClock()
  const sinceNs = clock.ns
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path, { unixMs: clock.unixMs })
  const first = runFor(clock, null, sinceNs)
  ledger.write(first)
  clock.advance(seconds(60 * DAY_S))
  const second = runFor(clock, first.state, sinceNs)
  const rows = second.channelRows.length + second.nodeRows.length + second.partRows.length
  assert.ok(rows < 5 * 4_000, `${rows} rows`)
  ledger.write(second)

  const db = openReadOnly(path)
  const sumOf = (table: string) => db.prepare(`SELECT sum(energy_uj) FROM ${table}`).pluck().get()
  const total = second.state.channels[0]?.energyUj
  assert.equal(total, ((clock.ns - sinceNs - seconds(1)) * watts(200)) / 1_000_000_000n)
  assert.equal(sumOf('channel_hour'), Number(total))
  const { measured, derived, estimated } = second.state.node.energyUj
  assert.equal(sumOf('node_hour'), Number(measured + derived + estimated))
  assert.equal(sumOf('part_hour'), Number(measured + derived + estimated))
  const longest = db.prepare('SELECT max(covered_ms) FROM channel_minute').pluck().get()
  assert.equal(longest, 60_000)
  const hours = db.prepare('SELECT uncertainty_pct AS pct FROM node_hourly').pluck().all() as number[]
  assert.ok(hours.length > 60 * 24)
  const usual = hours[1] ?? 0
  for (const pct of hours) assert.ok(pct > 0 && Math.abs(pct - usual) < usual / 10, `${pct} where ${usual} is usual`)
  db.close()
})
