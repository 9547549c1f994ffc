import assert from 'node:assert/strict'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import { KeptBatches } from '../../src/ledger/kept-batches.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { afterwards, recordingLogger, scratchDirectory, startLedger, steadyBatch } from './setting.ts'

const BATCH_UJ = 1_000_000_000n

/** A folder with a ledger, and with what is kept. */
interface Place {
  readonly folder: string
  readonly path: string
  readonly kept: string
}

const placeIn = (folder: string): Place => ({
  folder,
  path: join(folder, 'ledger.db'),
  kept: join(folder, 'unwritten'),
})

/** What a kill at this moment leaves. */
function killed(t: TestContext, { folder }: Place): Place {
  const left = scratchDirectory(t)
  cpSync(folder, left, { recursive: true })
  return placeIn(left)
}

async function startIn(t: TestContext, { path, kept }: Place, logger = recordingLogger()): Promise<Ledger> {
  return startLedger(t, path, { kept, logger })
}

/** A ledger with one batch on disk and some that are kept. */
async function keeping(t: TestContext, batches = 3): Promise<{ readonly place: Place; readonly ledger: Ledger }> {
  const place = placeIn(scratchDirectory(t))
  const ledger = await startIn(t, place)
  assert.ok(ledger.write(steadyBatch(0)))
  for (let n = 1; n <= batches; n++) assert.ok(ledger.keep(steadyBatch(n)))
  return { place, ledger }
}

/** Of all rows, which are as many as there were batches. */
function energyIn({ path }: Place): bigint {
  const db = openReadOnly(path).defaultSafeIntegers()
  try {
    const sums = ['channel_raw', 'node_raw', 'node_minute', 'node_hour'].map(
      (table) => db.prepare(`SELECT coalesce(sum(energy_uj), 0) FROM ${table}`).pluck().get() as bigint,
    )
    assert.equal(new Set(sums).size, 1, sums.join())
    return sums[0] ?? 0n
  } finally {
    db.close()
  }
}

test('what is kept is not in the ledger before the next write, is no outage, and is in it once', async (t) => {
  const { place, ledger } = await keeping(t)
  assert.equal(energyIn(place), BATCH_UJ)
  assert.equal(ledger.health().queuedBatches, 0)
  assert.deepEqual(ledger.durable, steadyBatch(0).state)
  assert.ok(ledger.write(steadyBatch(4)))
  assert.equal(energyIn(place), 5n * BATCH_UJ)
  const next = killed(t, place)
  await startIn(t, next)
  assert.equal(energyIn(next), 5n * BATCH_UJ)
})

test('after a kill the next process writes what was kept, and goes on from it', async (t) => {
  const { place } = await keeping(t)
  assert.equal(statSync(place.kept).mode & 0o777, 0o600)
  const next = killed(t, place)
  const logger = recordingLogger()
  const ledger = await startIn(t, next, logger)
  assert.deepEqual(ledger.restore(), steadyBatch(3).state)
  assert.equal(energyIn(next), 4n * BATCH_UJ)
  assert.equal(logger.count('ledger_batches_resumed'), 1)
  const again = killed(t, next)
  await startIn(t, again)
  assert.equal(energyIn(again), 4n * BATCH_UJ)
})

test('a kill between the commit and the end of what was kept writes nothing twice', async (t) => {
  const { place, ledger } = await keeping(t)
  const before = readFileSync(place.kept)
  assert.ok(ledger.write(steadyBatch(4)))
  const next = killed(t, place)
  writeFileSync(next.kept, before, { mode: 0o600 })
  const resumed = await startIn(t, next)
  assert.deepEqual(resumed.restore(), steadyBatch(4).state)
  assert.equal(energyIn(next), 5n * BATCH_UJ)
})

test('what a kill left unfinished is left out, wherever it was cut', async (t) => {
  const { place } = await keeping(t, 2)
  const text = readFileSync(place.kept, 'latin1')
  const ends = [...text.matchAll(/\n/g)].map(({ index }) => index)
  const kept = new KeptBatches(place.kept, recordingLogger())
  for (let size = text.length; size >= 0; size -= 7) {
    truncateSync(place.kept, size)
    // The first line says what the batches continue; the last character of a line is not its energy.
    const whole = ends.slice(1).filter((end) => end <= size).length
    assert.deepEqual(kept.load(steadyBatch(0).state), [steadyBatch(1), steadyBatch(2)].slice(0, whole), `${size} bytes`)
  }
})

test('a byte that is another ends what is believed', async (t) => {
  const { place } = await keeping(t, 2)
  const whole = readFileSync(place.kept)
  const kept = new KeptBatches(place.kept, recordingLogger())
  const second = whole.indexOf('\n', whole.indexOf('\n') + 1)
  for (const [at, batches] of [
    [3, 0],
    [second - 9, 0],
    [second + 90, 1],
  ] as const) {
    const other = Buffer.from(whole)
    other[at] = (other[at] ?? 0) ^ 1
    writeFileSync(place.kept, other)
    assert.equal(kept.load(steadyBatch(0).state).length, batches)
  }
})

test('what continues another state, ledger or format is not written', async (t) => {
  const { place } = await keeping(t)
  const kept = new KeptBatches(place.kept, recordingLogger())
  const { state } = steadyBatch(0)
  assert.equal(kept.load(state).length, 3)
  for (const other of [{ bootId: 'b2' }, { bornUnixMs: 1 }, { atMonotonicNs: 1n }]) {
    assert.deepEqual(kept.load({ ...state, ...other }), [])
  }
})

/** One that starts while a person has a write transaction open in another program. */
async function startBlocked(t: TestContext, { path, kept }: Place): Promise<{ ledger: Ledger; release: () => void }> {
  const blocker = new Database(path)
  afterwards(t, () => blocker.close())
  blocker.exec('BEGIN IMMEDIATE')
  const ledger = await startLedger(t, path, { kept, logger: recordingLogger(), busyTimeoutMs: 0 })
  return { ledger, release: () => void blocker.exec('COMMIT') }
}

test('a disk that takes nothing at the start: what was kept waits on, is gone on from, and is written once', async (t) => {
  const { place } = await keeping(t)
  const next = killed(t, place)
  const { ledger, release } = await startBlocked(t, next)
  assert.deepEqual(ledger.restore(), steadyBatch(3).state)
  assert.deepEqual(ledger.durable, steadyBatch(0).state)
  assert.equal(ledger.health().queuedBatches, 3)
  assert.equal(ledger.write(steadyBatch(4)), false)
  release()
  assert.ok(ledger.write(steadyBatch(5)))
  assert.equal(energyIn(next), 6n * BATCH_UJ)
})

test('it waits through any number of ends, be they kills or stops, also after a line that a kill left unfinished', async (t) => {
  let { place } = await keeping(t)
  for (let n = 4; n < 8; n++) {
    place = killed(t, place)
    appendFileSync(place.kept, 'unfinished')
    const { ledger } = await startBlocked(t, place)
    assert.deepEqual(ledger.restore(), steadyBatch(n - 1).state)
    if (n % 2 === 0) assert.ok(ledger.keep(steadyBatch(n)))
    else assert.equal(ledger.write(steadyBatch(n)), false)
    if (n === 6) await ledger.stop()
  }
  const next = killed(t, place)
  await startIn(t, next)
  assert.equal(energyIn(next), 8n * BATCH_UJ)
})

test('what could not be written during an outage outlives a kill', async (t) => {
  const place = placeIn(scratchDirectory(t))
  const ledger = await startLedger(t, place.path, { kept: place.kept, logger: recordingLogger(), busyTimeoutMs: 0 })
  assert.ok(ledger.write(steadyBatch(0)))
  const blocker = new Database(place.path)
  afterwards(t, () => blocker.close())
  blocker.exec('BEGIN IMMEDIATE')
  assert.ok(ledger.keep(steadyBatch(1)))
  assert.equal(ledger.write(steadyBatch(2)), false)
  assert.ok(ledger.keep(steadyBatch(3)))
  assert.equal(ledger.health().queuedBatches, 3)
  const next = killed(t, place)
  await startIn(t, next)
  assert.equal(energyIn(next), 4n * BATCH_UJ)
  blocker.exec('COMMIT')
})

test('a stop during an outage leaves what waits to the next start', async (t) => {
  const place = placeIn(scratchDirectory(t))
  const logger = recordingLogger()
  const ledger = await startLedger(t, place.path, { kept: place.kept, logger, busyTimeoutMs: 0 })
  assert.ok(ledger.write(steadyBatch(0)))
  const blocker = new Database(place.path)
  afterwards(t, () => blocker.close())
  blocker.exec('BEGIN IMMEDIATE')
  assert.ok(ledger.keep(steadyBatch(1)))
  assert.equal(ledger.write(steadyBatch(2)), false)
  await ledger.stop()
  assert.equal(logger.count('ledger_batches_left'), 1)
  assert.equal(logger.count('ledger_batches_lost'), 0)
  blocker.exec('COMMIT')
  const next = await startIn(t, place)
  assert.deepEqual(next.restore(), steadyBatch(2).state)
  assert.equal(energyIn(place), 3n * BATCH_UJ)
})

test('what cannot be kept is said once until the next write, waits, and is written with it', async (t) => {
  const place = placeIn(scratchDirectory(t))
  const logger = recordingLogger()
  const ledger = await startIn(t, place, logger)
  assert.ok(ledger.write(steadyBatch(0)))
  mkdirSync(join(place.kept, 'in'), { recursive: true })
  assert.equal(ledger.keep(steadyBatch(1)), false)
  assert.equal(ledger.keep(steadyBatch(2)), false)
  assert.equal(logger.count('batch_unkept'), 1)
  assert.match(logger.lines.at(-1)?.text ?? '', /unwritten cannot be written, /)
  assert.ok(ledger.write(steadyBatch(3)))
  assert.equal(energyIn(place), 4n * BATCH_UJ)
  rmSync(place.kept, { recursive: true })
  assert.ok(ledger.keep(steadyBatch(4)))
})

test('a link in its place is replaced and never followed', async (t) => {
  const place = placeIn(scratchDirectory(t))
  const ledger = await startIn(t, place)
  assert.ok(ledger.write(steadyBatch(0)))
  const other = join(place.folder, 'other')
  writeFileSync(other, 'of somebody else')
  symlinkSync(other, place.kept)
  assert.deepEqual(new KeptBatches(place.kept, recordingLogger()).load(steadyBatch(0).state), [])
  assert.ok(ledger.keep(steadyBatch(1)))
  assert.equal(readFileSync(other, 'utf8'), 'of somebody else')
})

test('once all is written nothing stays in memory', async (t) => {
  const { place, ledger } = await keeping(t)
  assert.ok(ledger.write(steadyBatch(4)))
  assert.ok(!readdirSync(place.folder).includes('unwritten'))
})

test('an agent with a ledger of its own that uses the same folder is told of once, and then each keeps to its disk', async (t) => {
  const place = placeIn(scratchDirectory(t))
  const [logger, otherLogger] = [recordingLogger(), recordingLogger()]
  const ledger = await startIn(t, place, logger)
  const other = await startIn(t, { ...placeIn(scratchDirectory(t)), kept: place.kept }, otherLogger)
  for (const one of [ledger, other]) assert.ok(one.write(steadyBatch(0)))
  for (let n = 1; n < 20; n += 2) {
    for (const one of [ledger, other]) if (!one.keep(steadyBatch(n))) assert.ok(one.write(steadyBatch(n + 1)))
  }
  assert.equal(logger.count('batch_unkept'), 1)
  assert.match(
    logger.lines.at(-1)?.text ?? '',
    /unwritten cannot be written, .*: another agent uses this folder: .*paths\.runtime/,
  )
  assert.ok(otherLogger.count('batch_unkept') <= 1)
})
