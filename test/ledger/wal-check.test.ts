import assert from 'node:assert/strict'
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import { PAGE_BYTES } from '../../src/ledger/file/opening.ts'
import { inspectWal } from '../../src/ledger/file/wal-check.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import fc, { runs } from '../property.ts'
import { copied, recordingLogger, scratchDirectory, startLedger, steadyBatch } from './setting.ts'

const HEADER_BYTES = 32
const FRAME_BYTES = 24 + PAGE_BYTES
const BATCHES = 20

/** What a killed agent leaves: a ledger, and its last twenty batches in the log alone. */
async function writeAndDie(t: TestContext): Promise<string> {
  const path = join(scratchDirectory(t), 'ledger.db')
  await (await startLedger(t, path)).stop()
  const running = await startLedger(t, path)
  for (let n = 0; n < BATCHES; n++) running.write(steadyBatch(n))
  await copied(t, path, steadyBatch(BATCHES - 1).state)
  const copy = join(scratchDirectory(t), 'ledger.db')
  for (const suffix of ['', '-wal', '.totals']) cpSync(path + suffix, copy + suffix)
  return copy
}

interface Frame {
  readonly at: number
  readonly isCommit: boolean
}

function framesOf(log: Buffer): Frame[] {
  const frames: Frame[] = []
  for (let at = HEADER_BYTES; at + FRAME_BYTES <= log.length; at += FRAME_BYTES) {
    frames.push({ at, isCommit: log.readUInt32BE(at + 4) > 0 })
  }
  return frames
}

function verdictOn(t: TestContext, log: Buffer): string {
  const path = join(scratchDirectory(t), 'log')
  writeFileSync(path, log)
  return inspectWal(path, PAGE_BYTES)
}

test('a log is whole, and so is one that a power cut tore anywhere in its last transaction', async (t) => {
  const log = readFileSync(`${await writeAndDie(t)}-wal`)
  assert.equal(verdictOn(t, log), 'whole')
  const frames = framesOf(log)
  const commits = frames.filter(({ isCommit }) => isCommit)
  assert.ok(commits.length >= BATCHES)
  const lastBegin = (commits.at(-2)?.at ?? 0) + FRAME_BYTES
  const torn = fc.tuple(
    fc.integer({ min: lastBegin, max: log.length }),
    fc.array(fc.integer({ min: lastBegin, max: log.length - 1 }), { maxLength: 20 }),
  )
  const property = fc.property(torn, ([end, lost]) => {
    const image = Buffer.from(log)
    // Sectors reach the disk in any order.
    for (const at of lost) image.fill(0, at - (at % 512), Math.min(at - (at % 512) + 512, image.length))
    log.copy(image, 0, 0, lastBegin)
    assert.equal(verdictOn(t, image.subarray(0, end)), 'whole')
  })
  fc.assert(property, { numRuns: runs(30) })
})

test('what an earlier round left behind the end is no damage', async (t) => {
  const log = readFileSync(`${await writeAndDie(t)}-wal`)
  const stale = Buffer.from(log.subarray(HEADER_BYTES))
  for (let at = 0; at < stale.length; at += FRAME_BYTES) stale.writeUInt32BE(stale.readUInt32BE(at + 8) - 1, at + 8)
  assert.equal(verdictOn(t, Buffer.concat([log, stale])), 'whole')
})

test('any flipped bit in a transaction that was followed by another is damage', async (t) => {
  const log = readFileSync(`${await writeAndDie(t)}-wal`)
  const commits = framesOf(log).filter(({ isCommit }) => isCommit)
  const safe = commits.at(-2)?.at ?? 0
  const bit = fc.tuple(fc.nat(safe + FRAME_BYTES - 1), fc.nat(7))
  const property = fc.property(bit, ([at, place]) => {
    const image = Buffer.from(log)
    image.writeUInt8(image.readUInt8(at) ^ (1 << place), at)
    assert.equal(verdictOn(t, image), 'damaged')
  })
  fc.assert(property, { numRuns: runs(60) })
})

test('noise is damage, and what is no longer than a header nothing', (t) => {
  const path = join(scratchDirectory(t), 'log')
  const property = fc.property(fc.uint8Array({ maxLength: 3 * FRAME_BYTES, size: 'max' }), (noise) => {
    writeFileSync(path, noise)
    assert.equal(inspectWal(path, PAGE_BYTES), noise.length < HEADER_BYTES ? 'whole' : 'damaged')
  })
  fc.assert(property, { numRuns: runs(50) })
})

test('the log of another database is foreign', async (t) => {
  const path = join(scratchDirectory(t), 'photos.db')
  for (const pageBytes of [4096, PAGE_BYTES]) {
    const db = new Database(path)
    db.pragma(`page_size = ${pageBytes}`)
    db.pragma('journal_mode = WAL')
    db.exec('CREATE TABLE photo (name TEXT)')
    assert.equal(inspectWal(`${path}-wal`, PAGE_BYTES), 'foreign')
    db.close()
    rmSync(path)
  }
})

/** Starts on what is there; returns what it says and keeps. */
async function restart(t: TestContext, path: string) {
  const logger = recordingLogger()
  const ledger = await startLedger(t, path, { logger })
  const kept = readdirSync(dirname(path)).filter((name) => name.includes('.corrupt-'))
  return { ledger, kept, texts: logger.lines.filter(({ level }) => level !== 'info').map(({ text }) => text) }
}

test('a damaged log is kept as it was before SQLite drops the rest, it is said, and no total falls', async (t) => {
  const path = await writeAndDie(t)
  const damaged = readFileSync(`${path}-wal`)
  const tenth = framesOf(damaged).filter(({ isCommit }) => isCommit)[10]?.at ?? 0
  damaged.writeUInt8(damaged.readUInt8(tenth + 1000) ^ 1, tenth + 1000)
  writeFileSync(`${path}-wal`, damaged)
  const { ledger, kept, texts } = await restart(t, path)
  assert.deepEqual(kept, ['ledger.db-wal.corrupt-20261122T020000Z'])
  assert.deepEqual(readFileSync(join(dirname(path), kept[0] ?? '')), damaged)
  assert.match(texts[0] ?? '', /-wal was kept as .*: it is damaged, and what follows the damage is not replayed$/)
  assert.match(
    texts[1] ?? '',
    /the ledger is older than its totals in .*ledger\.db\.totals, so the higher of each is used/,
  )
  assert.deepEqual(ledger.restore(), steadyBatch(BATCHES - 1).state)
  const db = openReadOnly(path)
  const events = db.prepare('SELECT what FROM events').pluck().all()
  db.close()
  assert.deepEqual(events, ['ledger_wal_set_aside', 'ledger_totals_differ'])
})

test('a log without its ledger is kept and not replayed into the next', async (t) => {
  const path = await writeAndDie(t)
  const log = readFileSync(`${path}-wal`)
  rmSync(path)
  const { ledger, kept, texts } = await restart(t, path)
  assert.deepEqual(kept, ['ledger.db-wal.corrupt-20261122T020000Z'])
  assert.deepEqual(readFileSync(join(dirname(path), kept[0] ?? '')), log)
  assert.match(texts[0] ?? '', /: its ledger is gone$/)
  assert.match(texts[1] ?? '', /the ledger has no totals, so they go on from .*ledger\.db\.totals\. To begin at 0, /)
  assert.deepEqual(ledger.restore(), steadyBatch(BATCHES - 1).state)
  const db = openReadOnly(path)
  assert.equal(db.prepare('SELECT count(*) FROM channel_raw').pluck().get(), 0)
  db.close()
})

test('the log of another database beside the ledger is kept and not replayed', async (t) => {
  const path = await writeAndDie(t)
  const other = join(dirname(path), 'photos.db')
  const db = new Database(other)
  db.pragma('journal_mode = WAL')
  db.exec('CREATE TABLE photo (name TEXT)')
  cpSync(`${other}-wal`, `${path}-wal`)
  db.close()
  const { ledger, kept, texts } = await restart(t, path)
  assert.deepEqual(kept, ['ledger.db-wal.corrupt-20261122T020000Z'])
  assert.match(texts[0] ?? '', /: it belongs to another database$/)
  assert.deepEqual(ledger.restore(), steadyBatch(BATCHES - 1).state)
})

test('a log that was cut in the middle loses rows, and no total', async (t) => {
  const path = await writeAndDie(t)
  truncateSync(`${path}-wal`, HEADER_BYTES + 30 * FRAME_BYTES)
  const { ledger, texts } = await restart(t, path)
  assert.match(texts[0] ?? '', /the ledger is older than its totals/)
  assert.deepEqual(ledger.restore(), steadyBatch(BATCHES - 1).state)
})
