import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { afterwards, scratchDirectory, startLedger, steadyBatch } from './setting.ts'

test('a reader in the middle of a long query sees one state, and holds up nobody', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path, { busyTimeoutMs: 0 })
  ledger.write(steadyBatch(0))
  const reader = openReadOnly(path)
  afterwards(t, () => reader.close())
  const energy = reader.prepare('SELECT energy_kwh FROM node_daily').pluck()
  reader.exec('BEGIN')
  const before = energy.get()
  for (let n = 1; n < 200; n++) assert.equal(ledger.write(steadyBatch(n)), true)
  assert.equal(energy.get(), before)
  reader.exec('COMMIT')
  assert.equal(energy.get(), 0.055555556)
})

test('a reader cannot write', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  await startLedger(t, path)
  const reader = openReadOnly(path)
  afterwards(t, () => reader.close())
  assert.throws(() => reader.exec('DELETE FROM event'), { code: 'SQLITE_READONLY' })
})

test('a reader that stays connected over a restart keeps neither agent from working', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const first = await startLedger(t, path, { busyTimeoutMs: 0 })
  first.write(steadyBatch(0))
  const reader = openReadOnly(path)
  afterwards(t, () => reader.close())
  reader.exec('BEGIN')
  assert.equal(reader.prepare('SELECT count(*) FROM channel_raw').pluck().get(), 1)
  first.write(steadyBatch(1))
  await first.stop()
  const second = await startLedger(t, path)
  assert.deepEqual(second.restore(), steadyBatch(1).state)
  assert.equal(second.write(steadyBatch(2)), true)
  reader.exec('COMMIT')
  assert.equal(reader.prepare('SELECT count(*) FROM channel_raw').pluck().get(), 3)
})

test('the write-ahead log does not grow with time', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  for (let n = 0; n < 1000; n++) ledger.write(steadyBatch(n))
  const walBytes = statSync(`${path}-wal`).size
  assert.ok(walBytes < 6e6, `${walBytes}`)
})
