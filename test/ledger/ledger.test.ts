import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openLedgerFile } from '../../src/ledger/file/opening.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import type { LedgerBatch } from '../../src/model/batch.ts'
import {
  afterwards,
  FOREVER,
  PACKAGE,
  recordingLogger,
  scratchDirectory,
  startLedger,
  steadyBatch,
  T0,
} from './setting.ts'

test('a new ledger has no state, and what is written comes back after a restart', async (t) => {
  const path = join(scratchDirectory(t), 'state/ledger.db')
  const first = await startLedger(t, path)
  assert.equal(first.restore(), null)
  assert.equal(first.durable, null)
  for (let n = 0; n < 10; n++) assert.equal(first.write(steadyBatch(n)), true)
  assert.deepEqual(first.durable, steadyBatch(9).state)
  await first.stop()

  const second = await startLedger(t, path)
  assert.deepEqual(second.restore(), steadyBatch(9).state)
  assert.deepEqual(second.durable, steadyBatch(9).state)
})

test('every bit of a 64-bit register and every null of the state survives', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const { state } = steadyBatch(0)
  const at = { energyUj: 2n ** 62n, unaccountedNs: 7n, wraps: 3, resets: 2, unsettled: null }
  const batch: LedgerBatch = {
    ...steadyBatch(0),
    state: {
      ...state,
      channels: [
        { ...at, key: PACKAGE, last: { count: 2n ** 64n - 1n, atNs: 5n, register: 'r' } },
        { ...at, key: 'hwmon/other/a/b/c', last: { count: null, atNs: 6n, register: 'power' } },
        { ...at, key: 'nvml/gpu/GPU-1', last: { count: 2n ** 63n, atNs: 6n, register: '' } },
        { ...at, key: 'nvml/gpu/GPU-2', last: { count: 0n, atNs: 0n, register: 'r' } },
        { ...at, key: 'nvml/gpu/GPU-3', last: null, unsettled: { fromNs: 1n, energyUj: 2n ** 61n } },
      ],
      node: { ...state.node, settledNs: null, meter: null },
    },
  }
  const ledger = await startLedger(t, path)
  assert.equal(ledger.write(batch), true)
  await ledger.stop()
  const next = await startLedger(t, path)
  assert.deepEqual(next.restore(), batch.state)
})

test('a channel that is gone keeps its totals', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  const batch = steadyBatch(0)
  ledger.write(batch)
  ledger.write({ ...batch, state: { ...batch.state, channels: [] } })
  await ledger.stop()
  const next = await startLedger(t, path)
  assert.deepEqual(next.restore()?.channels, batch.state.channels)
})

test('the file and its companions are for the owner and the group', async (t) => {
  const umask = process.umask(0)
  afterwards(t, () => process.umask(umask))
  const path = join(scratchDirectory(t), 'made/ledger.db')
  const ledger = await startLedger(t, path)
  ledger.write(steadyBatch(0))
  for (const suffix of ['', '-wal', '-shm', '.lock']) {
    assert.equal((statSync(path + suffix).mode & 0o777).toString(8), '640', suffix)
  }
  assert.equal((statSync(join(path, '..')).mode & 0o777).toString(8), '750')
})

test('a clean stop leaves one database file, and a health that says so', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  ledger.write(steadyBatch(0))
  const { sizeBytes, ...health } = ledger.health()
  assert.deepEqual(health, { writable: true, queuedBatches: 0, droppedBatches: 0, message: null })
  assert.equal(sizeBytes, statSync(path).size + statSync(`${path}-wal`).size)
  await ledger.stop()
  assert.equal(ledger.health().writable, false)
  assert.equal(existsSync(`${path}-wal`), false)
  assert.equal(existsSync(`${path}-shm`), false)
})

test('stop is safe before start, twice, and after a failed start', async () => {
  const ledger = new Ledger({ path: '/proc/nowhere/l.db', keep: FOREVER, logger: recordingLogger(), unixMs: () => T0 })
  await ledger.stop()
  await assert.rejects(ledger.start(new AbortController().signal), { code: 'STORE_UNAVAILABLE' })
  await ledger.stop()
  await ledger.stop()
  await assert.rejects(ledger.start(AbortSignal.abort(new Error('no'))), { message: 'no' })
})

test('writing before start or after stop throws nothing and claims nothing', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = new Ledger({ path, keep: FOREVER, logger: recordingLogger(), unixMs: () => T0 })
  assert.equal(ledger.write(steadyBatch(0)), false)
  assert.equal(existsSync(path), false)
  await ledger.start(new AbortController().signal)
  assert.deepEqual(ledger.durable, steadyBatch(0).state, 'what waited is written at the start')
  await ledger.stop()
  assert.equal(ledger.write(steadyBatch(1)), false)
  assert.equal(ledger.health().writable, false)
})

test('commits are durable: write-ahead log, synchronous, incremental vacuum, strict tables', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  await startLedger(t, path)
  const db = openReadOnly(path)
  afterwards(t, () => db.close())
  assert.equal(db.pragma('journal_mode', { simple: true }), 'wal')
  const writer = openLedgerFile(join(path, '../other.db'), { busyTimeoutMs: 0, nowUnixMs: T0 }).db
  afterwards(t, () => writer.close())
  assert.equal(writer.pragma('synchronous', { simple: true }), 2)
  assert.equal(db.pragma('auto_vacuum', { simple: true }), 2)
  const loose = db.prepare(
    "SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'",
  )
  assert.deepEqual(loose.all(), [])
})
