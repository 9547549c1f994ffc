import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { VIEWS } from '../../src/ledger/schema/views.ts'
import type { LedgerBatch } from '../../src/model/batch.ts'
import { splitBatch } from './consumers-setting.ts'
import { scratchDirectory, standInHour, startLedger, steadyBatch, T0 } from './setting.ts'
import { WINDOW } from './window-row.ts'

/** Debian's own SQLite is older than the one that the agent brings; people query with it. */
function lacksSqlite3(t: TestContext): boolean {
  try {
    execFileSync('sqlite3', ['--version'])
    return false
  } catch (error) {
    if (process.env.CI === 'true') throw error
    t.skip('needs the program sqlite3 (Debian package sqlite3)')
    return true
  }
}

/** Booked with a stand-in, restated since. */
function restatedHour(): LedgerBatch['carbon'] {
  const booked = standInHour(1, 0, 'file: it has no figure for this time')
  const factor = { ...booked.factor, mgPerKwh: 500_000n, source: 'file', status: 'final', reason: null } as const
  const restated = { id: 1, atUnixMs: T0, emissionId: 1, replacesId: null, factor }
  return {
    emissions: [booked],
    restatements: [{ ...restated, beforeUg: booked.co2eUg, afterUg: 500_000_000n }],
  }
}

const STAGES = [
  { stage: 'manufacturing', ppm: 1_000_000n, lowPpm: 500_000n, highPpm: 2_000_000n, source: 'study' },
] as const

test('the sqlite3 program reads every view while the agent writes', async (t) => {
  if (lacksSqlite3(t)) return
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  const gap = { key: null, startedUnixMs: 0, endedUnixMs: 1000, reason: 'start' } as const
  const events = [{ atUnixMs: 0, what: 'meter_changed', detail: 'psys' }]
  ledger.write({
    ...splitBatch(0),
    gaps: [gap],
    events,
    carbon: { ...restatedHour(), stages: STAGES },
    windows: [WINDOW],
  })
  let written = 1
  let reading = true
  const writeOn = (): void => {
    if (!reading) return
    assert.equal(ledger.write(splitBatch(written++)), true)
    setImmediate(writeOn)
  }
  writeOn()
  let last = 0
  for (let round = 0; round < 5; round++) {
    for (const view of Object.keys(VIEWS)) {
      const { stdout } = await promisify(execFile)('sqlite3', ['-json', '-readonly', path, `SELECT * FROM ${view}`])
      assert.match(stdout, /^\[\{/, view)
      if (view !== 'node_daily') continue
      const energyKwh = JSON.parse(stdout)[0].energy_kwh
      assert.ok(energyKwh >= last)
      last = energyKwh
    }
  }
  reading = false
  assert.ok(last > 0 && written > 10)
})

test('the sqlite3 program finds the closed ledger sound and readable without a trace', async (t) => {
  if (lacksSqlite3(t)) return
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  ledger.write(steadyBatch(0))
  await ledger.stop()
  const ask = (name: string, query: string) => execFileSync('sqlite3', ['-readonly', name, query], { encoding: 'utf8' })
  assert.equal(ask(path, 'PRAGMA integrity_check'), 'ok\n')
  assert.equal(ask(`file:${path}?immutable=1`, 'SELECT uncertainty_pct, meter FROM node_hourly'), '10.0|psys\n')
})
