import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { Ledger } from '../../src/ledger/ledger.ts'
import type { FetchedFigure } from '../../src/model/fetched-figure.ts'
import { afterwards, FOREVER, recordingLogger, scratchDirectory, startLedger, steadyBatch, T0 } from './setting.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const figure = (hour: number, gPerKwh: number, more: Partial<FetchedFigure> = {}): FetchedFigure => ({
  zone: 'GB',
  basis: 'direct',
  mgPerKwh: BigInt(gPerKwh) * 1_000n,
  status: 'provisional',
  startsUnixMs: T0 + hour * HOUR,
  endsUnixMs: T0 + (hour + 1) * HOUR,
  fetchedUnixMs: T0,
  ...more,
})

test('figures survive a restart, in the order in which they were fetched, each source its own', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  const later = figure(0, 90, { fetchedUnixMs: T0 + 1, status: 'final' })
  const marginal = figure(0, 400, { basis: 'marginal', zone: 'CAISO_NORTH' })
  assert.equal(ledger.intensityCache.save('uk', [figure(0, 100), figure(1, 110)]), true)
  assert.equal(ledger.intensityCache.save('watttime:CAISO_NORTH', [marginal]), true)
  assert.equal(ledger.intensityCache.save('uk', [later]), true)
  assert.equal(ledger.intensityCache.save('uk', []), true)
  await ledger.stop()
  assert.deepEqual(ledger.intensityCache.load('uk'), [], 'a stopped ledger was read')
  assert.equal(ledger.intensityCache.save('uk', [later]), false)
  const again = await startLedger(t, path)
  assert.deepEqual(again.intensityCache.load('uk'), [figure(1, 110), later])
  assert.deepEqual(again.intensityCache.load('watttime:CAISO_NORTH'), [marginal])
  assert.deepEqual(again.intensityCache.load('eia:CISO:direct'), [])
})

test('what ended more than forty days before the newest fetch is forgotten', async (t) => {
  const ledger = await startLedger(t, join(scratchDirectory(t), 'ledger.db'))
  ledger.intensityCache.save('uk', [figure(0, 100), figure(1, 110)])
  const now = figure(24 * 40 + 2, 120, { fetchedUnixMs: T0 + 40 * DAY + 90 * 60_000 })
  ledger.intensityCache.save('rte', [now])
  assert.deepEqual(ledger.intensityCache.load('uk'), [figure(1, 110)])
  assert.deepEqual(ledger.intensityCache.load('rte'), [now])
})

test('a ledger that cannot be written keeps nothing, says so by false and throws nothing', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const logger = recordingLogger()
  const ledger = await startLedger(t, path, { logger, busyTimeoutMs: 0 })
  const other = new Database(path)
  afterwards(t, () => other.close())
  other.exec('BEGIN IMMEDIATE')
  assert.equal(ledger.intensityCache.save('uk', [figure(0, 100)]), false)
  assert.deepEqual(ledger.intensityCache.load('uk'), [])
  other.exec('COMMIT')
  assert.ok(ledger.write(steadyBatch(0)))
  assert.equal(ledger.intensityCache.save('uk', [figure(0, 100)]), true)
  assert.deepEqual(ledger.intensityCache.load('uk'), [figure(0, 100)])
  assert.equal(logger.count('intensity_cache_unwritten'), 1)
})

test('all figures are kept or none', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  const tooLarge = figure(1, 0, { mgPerKwh: 2n ** 64n })
  assert.equal(ledger.intensityCache.save('uk', [figure(0, 100), tooLarge]), false)
  assert.deepEqual(ledger.intensityCache.load('uk'), [])
})

test('before the start there is nothing, and nothing is thrown', (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = new Ledger({ path, keep: FOREVER, logger: recordingLogger(), unixMs: () => T0 })
  assert.deepEqual(ledger.intensityCache.load('uk'), [])
  assert.equal(ledger.intensityCache.save('uk', [figure(0, 100)]), false)
})
