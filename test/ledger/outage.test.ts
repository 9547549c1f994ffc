import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { TotalsCopy } from '../../src/ledger/totals-copy/totals-copy.ts'
import type { LedgerBatch } from '../../src/model/batch.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import fc, { runs } from '../property.ts'
import { startReader } from './reading-process.ts'
import { afterwards, recordingLogger, scratchDirectory, standInHour, startLedger, steadyBatch, T0 } from './setting.ts'

const BATCH_UJ = 1_000_000_000n

/** All energy of the rows at every grain, which must agree. */
function energyIn(path: string, grains: readonly string[] = ['raw', 'minute', 'hour']): bigint {
  const db = openReadOnly(path).defaultSafeIntegers()
  try {
    const sums = grains.flatMap((grain) =>
      ['channel', 'node'].map((whose) =>
        db.prepare<[], bigint>(`SELECT coalesce(sum(energy_uj), 0) FROM ${whose}_${grain}`).pluck().get(),
      ),
    )
    assert.equal(new Set(sums).size, 1, sums.join())
    return sums[0] ?? 0n
  } finally {
    db.close()
  }
}

function eventsIn(path: string): unknown[] {
  const db = openReadOnly(path)
  try {
    return db.prepare('SELECT what, detail FROM events').all()
  } finally {
    db.close()
  }
}

/** A person with a write transaction open in another program. */
function holdWriteLock(t: TestContext, path: string): () => void {
  const db = new Database(path)
  afterwards(t, () => db.close())
  db.exec('BEGIN IMMEDIATE')
  return () => void db.exec('COMMIT')
}

/** A small file system; null where none may be mounted. */
function smallDisk(t: TestContext, size: string): string | null {
  const directory = scratchDirectory(t)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory], { stdio: 'pipe' })
  } catch (error) {
    t.skip(`cannot mount a small file system here: ${error instanceof Error ? error.message.trim() : error}`)
    return null
  }
  afterwards(t, () => execFileSync('umount', ['-l', directory]))
  return directory
}

test('a disk that fills up or becomes read-only between two flushes is found out by the next batch that is kept', async (t) => {
  const directory = smallDisk(t, '4m')
  if (directory === null) return
  const path = join(directory, 'ledger.db')
  const ledger = await startLedger(t, path, { kept: join(scratchDirectory(t), 'unwritten') })
  assert.equal(ledger.write(steadyBatch(0)), true)
  assert.equal(ledger.keep(steadyBatch(1)), true)
  const ballast = join(directory, 'ballast')
  assert.throws(() => writeFileSync(ballast, Buffer.alloc(2 ** 22)), { code: 'ENOSPC' })
  assert.equal(ledger.keep(steadyBatch(2)), false)
  rmSync(ballast)
  assert.equal(ledger.keep(steadyBatch(3)), true)
  assert.equal(ledger.write(steadyBatch(4)), true)
  assert.equal(energyIn(path), 5n * BATCH_UJ)
  assert.equal(ledger.keep(steadyBatch(5)), true)
  renameSync(path, `${path}.away`)
  assert.equal(ledger.keep(steadyBatch(6)), false)
  renameSync(`${path}.away`, path)
})

test('disk full: batches wait, it is said once, and nothing is lost when space returns', async (t) => {
  const directory = smallDisk(t, '1m')
  if (directory === null) return
  const path = join(directory, 'ledger.db')
  const ballast = join(directory, 'ballast')
  const logger = recordingLogger()
  const ledger = await startLedger(t, path, { logger })
  assert.equal(ledger.write(steadyBatch(0)), true)

  assert.throws(() => writeFileSync(ballast, Buffer.alloc(2 ** 20)), { code: 'ENOSPC' })
  let n = 1
  while (ledger.write(steadyBatch(n))) n++
  const lastDurable = steadyBatch(n - 1).state
  while (++n < 50) assert.equal(ledger.write(steadyBatch(n)), false)
  assert.deepEqual(ledger.durable, lastDurable, 'what is exported is what is on disk')
  const health = ledger.health()
  assert.equal(health.writable, false)
  assert.match(health.message ?? '', /disk is full|SQLITE_IOERR/)
  assert.equal(BigInt(health.queuedBatches) * BATCH_UJ + lastDurable.node.energyUj.measured, 50n * BATCH_UJ)
  assert.equal(logger.count('ledger_write_failed'), 1)

  rmSync(ballast)
  assert.equal(ledger.write(steadyBatch(50)), true)
  assert.deepEqual(ledger.durable, steadyBatch(50).state)
  const { sizeBytes, ...recovered } = ledger.health()
  assert.deepEqual(recovered, { writable: true, queuedBatches: 0, droppedBatches: 0, message: null })
  assert.equal(logger.count('ledger_recovered'), 1)
  assert.equal(energyIn(path), 51n * BATCH_UJ)
  await ledger.stop()
})

test('who keeps a transaction open is named by its number and its name alone, which anybody may be told', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const logger = recordingLogger()
  const ledger = await startLedger(t, path, { logger, busyTimeoutMs: 0 })
  assert.ok(ledger.write(steadyBatch(0)))
  const { pid, end } = await startReader(t, path, 'write')
  assert.equal(ledger.write(steadyBatch(1)), false)
  const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  const message = `database is locked (SQLITE_BUSY): process ${pid} (${name}) has a transaction open. End it, or that process`
  assert.equal(ledger.health().message, message)
  assert.ok(logger.lines.some(({ level, text }) => level === 'error' && text.endsWith(message)))
  await end()
})

test('over the bound the oldest rows leave their hours alone, counted and recorded; channels and totals stay', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const logger = recordingLogger()
  const ledger = await startLedger(t, path, { logger, queueLimit: 3, busyTimeoutMs: 0 })
  const release = holdWriteLock(t, path)
  for (let n = 0; n < 6; n++) assert.equal(ledger.write(steadyBatch(n)), false)
  const { sizeBytes, ...health } = ledger.health()
  const message = `database is locked (SQLITE_BUSY): a process that fuser -v ${path} may name has a transaction open. End it, or that process`
  assert.deepEqual(health, { writable: false, queuedBatches: 3, droppedBatches: 3, message })
  release()
  assert.equal(ledger.write(steadyBatch(6)), true)
  assert.equal(ledger.health().droppedBatches, 4)
  assert.equal(energyIn(path, ['raw', 'minute']), 3n * BATCH_UJ)
  assert.equal(energyIn(path, ['hour']), 7n * BATCH_UJ)
  assert.deepEqual(ledger.durable, steadyBatch(6).state)
  assert.deepEqual(eventsIn(path), [
    {
      what: 'rows_dropped',
      detail:
        '4 batches, 2026-11-22T02:00:10.000Z to 2026-11-22T02:00:40.000Z: the queue was full. Their energy is in the hours alone',
    },
    { what: 'ledger_caught_up', detail: `3 batches waited since 2026-11-22T02:00:00.000Z: ${message}` },
  ])
  const db = openReadOnly(path)
  afterwards(t, () => db.close())
  assert.deepEqual(db.prepare('SELECT device, kind, quality FROM channel').all(), [
    { device: 'package-0', kind: 'counter', quality: 'measured' },
  ])
})

test('however outages fall, rows and totals are those of the last acknowledged write', async (t) => {
  const directory = scratchDirectory(t)
  let run = 0
  const property = fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), async (blocked) => {
    const path = join(directory, `${run++}.db`)
    const ledger = await startLedger(t, path, { logger: recordingLogger(), busyTimeoutMs: 0 })
    const other = new Database(path)
    blocked.forEach((isBlocked, n) => {
      if (isBlocked) other.exec('BEGIN IMMEDIATE')
      assert.equal(ledger.write(steadyBatch(n)), !isBlocked)
      if (isBlocked) other.exec('COMMIT')
      assert.equal(energyIn(path), ledger.durable?.node.energyUj.measured ?? 0n)
    })
    other.close()
    await ledger.stop()
    assert.equal(energyIn(path), BigInt(blocked.length) * BATCH_UJ, 'the stop wrote what waited')
  })
  await fc.assert(property, { numRuns: runs(15) })
})

const IMPOSSIBLE: Record<string, (batch: LedgerBatch) => LedgerBatch> = {
  'negative energy': (batch) => withRow(batch, { energyUj: -1n }),
  'more than 64 bits': (batch) => withRow(batch, { energyUj: 2n ** 64n }),
  'not a time': (batch) => withRow(batch, { startUnixMs: Number.NaN }),
}

function withRow(batch: LedgerBatch, overrides: Partial<LedgerBatch['channelRows'][number]>): LedgerBatch {
  return { ...batch, channelRows: batch.channelRows.map((row) => ({ ...row, ...overrides })) }
}

for (const [name, spoil] of Object.entries(IMPOSSIBLE)) {
  test(`a batch that can never be written (${name}) does not bar those after it`, async (t) => {
    const path = join(scratchDirectory(t), 'ledger.db')
    const logger = recordingLogger()
    const ledger = await startLedger(t, path, { logger })
    assert.equal(ledger.write(spoil(steadyBatch(0))), true)
    assert.equal(ledger.health().droppedBatches, 1)
    assert.equal(logger.count('ledger_batch_refused'), 1)
    assert.deepEqual(ledger.durable, steadyBatch(0).state)
    assert.equal(ledger.write(steadyBatch(1)), true)
    assert.equal(energyIn(path), BATCH_UJ)
  })
}

test('a state that can never be written does not bar those after it', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path, { logger: recordingLogger() })
  const { state } = steadyBatch(0)
  const energyUj = { ...state.node.energyUj, derived: 2n ** 63n }
  assert.equal(ledger.write({ ...steadyBatch(0), state: { ...state, node: { ...state.node, energyUj } } }), false)
  assert.equal(ledger.durable, null)
  assert.equal(ledger.write(steadyBatch(1)), true)
  assert.equal(energyIn(path), 2n * BATCH_UJ)
})

test('what a write that failed midway had changed of the totals is changed by the next', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const first = await startLedger(t, path, { logger: recordingLogger() })
  const stateWith = (n: number, leaves: readonly string[], ceilings: Record<string, bigint>, selfEnergyUj = 1n) => {
    const { state, ...batch } = steadyBatch(n)
    return { ...batch, state: { ...state, node: { ...state.node, leaves }, ceilings, selfEnergyUj } }
  }
  assert.equal(first.write(stateWith(0, ['memory/socket-0'], { old: 1n, same: 2n })), true)
  assert.equal(first.write(stateWith(1, ['memory/socket-1'], { new: 3n, same: 2n }, 2n ** 63n)), false)
  const last = stateWith(2, ['memory/socket-1'], { new: 3n, same: 2n })
  assert.equal(first.write(last), true)
  await first.stop()
  rmSync(new TotalsCopy(path).path)
  const next = await startLedger(t, path)
  assert.deepEqual(next.restore(), last.state)
})

for (const [name, remove] of Object.entries({
  moved: (path: string) => renameSync(path, `${path}.old`),
  deleted: (path: string) => rmSync(path),
})) {
  test(`a ledger ${name} while in use is replaced, and the totals go on`, async (t) => {
    const path = join(scratchDirectory(t), 'ledger.db')
    const logger = recordingLogger()
    const ledger = await startLedger(t, path, { logger })
    ledger.write(steadyBatch(0))
    remove(path)
    assert.equal(ledger.write(steadyBatch(1)), true)
    assert.deepEqual(eventsIn(path), [{ what: 'ledger_replaced', detail: `${path} was moved or deleted while in use` }])
    assert.equal(energyIn(path), BATCH_UJ)
    assert.equal(await restoredEnergy(t, ledger, path), 2n * BATCH_UJ)
  })
}

test('a stop in the midst of an outage says what is lost and leaves a whole ledger', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const logger = recordingLogger()
  const ledger = await startLedger(t, path, { logger, busyTimeoutMs: 0, unixMs: () => T0 })
  ledger.write(steadyBatch(0))
  const release = holdWriteLock(t, path)
  ledger.write(steadyBatch(1))
  await ledger.stop()
  release()
  assert.deepEqual(logger.lines.find((line) => line.event === 'ledger_batches_lost')?.batches, 1)
  assert.equal(await restoredEnergy(t, ledger, path), BATCH_UJ)
})

async function restoredEnergy(t: TestContext, ledger: Ledger, path: string): Promise<bigint | undefined> {
  await ledger.stop()
  const next = await startLedger(t, path)
  return next.restore()?.node.energyUj.measured
}

test('who held the ledger last is known, and who does not get it leaves no mark', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const first = await startLedger(t, path)
  assert.equal(first.holders.before, '')
  const { own } = first.holders
  await first.stop()
  const second = await startLedger(t, path)
  assert.equal(second.holders.before, own)
  assert.notEqual(second.holders.own, own)
  await assert.rejects(startLedger(t, path), { code: 'STORE_LOCKED' })
  assert.equal(second.holders.own, statMark(path))
  rmSync(`${path}.lock`)
  assert.equal(second.write(steadyBatch(0)), true)
  assert.equal(second.holders.own, statMark(path), 'a lock that was made anew has a mark of its own')
})

function statMark(path: string): string {
  const { ino, ctimeNs } = statSync(`${path}.lock`, { bigint: true })
  return `${ino} ${ctimeNs}`
}

test('an agent that stops while the disk is full starts again, and so does one that was away when it became full', async (t) => {
  const directory = smallDisk(t, '2m')
  if (directory === null) return
  const path = join(directory, 'ledger.db')
  const ballast = join(directory, 'ballast')
  const fill = () => assert.throws(() => writeFileSync(ballast, Buffer.alloc(2 ** 21)), { code: 'ENOSPC' })
  const first = await startLedger(t, path)
  assert.equal(first.write(steadyBatch(0)), true)
  fill()
  await first.stop()
  const second = await startLedger(t, path)
  assert.deepEqual(second.restore(), steadyBatch(0).state)
  rmSync(ballast)
  assert.equal(
    second.write({ ...steadyBatch(1), carbon: { emissions: [standInHour(1, 0, 'x')], restatements: [] } }),
    true,
  )
  const books = second.restoreBooks(0)
  assert.equal(books.next.emissionId, 2)
  await second.stop()
  fill()
  // The lock has room then, and the index of the log does not.
  for (const freeBytes of [0, 8_192]) {
    truncateSync(ballast, statSync(ballast).size - freeBytes)
    const logger = recordingLogger()
    const third = await startLedger(t, path, { logger })
    assert.deepEqual(third.restore(), steadyBatch(1).state)
    assert.deepEqual(third.restoreBooks(0), books)
    assert.match(third.health().message ?? '', /full/)
    assert.throws(() => openReadOnly(path), {
      code: 'STORE_UNAVAILABLE',
      message: /full.*\. Free space on the file system of /,
    })
    assert.equal(third.write(steadyBatch(2)), false)
    assert.equal(logger.count('ledger_write_failed'), 1)
    await third.stop()
  }
  const fourth = await startLedger(t, path, { logger: recordingLogger() })
  assert.equal(fourth.write(steadyBatch(2)), false)
  rmSync(ballast)
  assert.equal(fourth.write(steadyBatch(3)), true)
  assert.deepEqual(fourth.health().message, null)
  assert.equal(energyIn(path), 4n * BATCH_UJ)
})

test('a disk that takes writes and takes none by turns is told of four times, then each hour, in log and ledger', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  let s = 0
  const logger = recordingLogger()
  const ledger = await startLedger(t, path, { logger, busyTimeoutMs: 0, nowNs: () => BigInt(s) * NS_PER_S })
  const flap = (n: number) => {
    const release = holdWriteLock(t, path)
    assert.equal(ledger.write(steadyBatch(n)), false)
    release()
    assert.equal(ledger.write(steadyBatch(n + 1)), true)
  }
  for (let n = 0; n < 800; n += 2, s += 20) flap(n)
  const told = () =>
    logger.lines.filter(({ event }) => /ledger_(write_failed|recovered)/.test(event)).map(({ text }) => text)
  assert.equal(told().length, 6)
  assert.match(told()[5] ?? '', /, after \d+ more changes within 60 min$/)
  s += 700
  assert.equal(ledger.write(steadyBatch(800)), true)
  assert.match(told().at(-1) ?? '', /^the ledger can be written again, after /)
  const caughtUp = eventsIn(path).filter((event) => (event as { what: string }).what === 'ledger_caught_up')
  assert.ok(caughtUp.length >= 3 && caughtUp.length <= 5, `${caughtUp.length}`)
})

test('an outage that ends with the agent is told of in the ledger', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path, { logger: recordingLogger(), busyTimeoutMs: 0 })
  const release = holdWriteLock(t, path)
  assert.equal(ledger.write(steadyBatch(0)), false)
  release()
  await ledger.stop()
  const told = eventsIn(path).map((event) => (event as { what: string }).what)
  assert.deepEqual(told, ['ledger_caught_up'])
})
