import assert from 'node:assert/strict'
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import { PAGE_BYTES } from '../../src/ledger/file/opening.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import type { Factor } from '../../src/model/carbon.ts'
import fc from '../property.ts'
import { afterwards, FOREVER, recordingLogger, scratchDirectory, startLedger, steadyBatch, T0 } from './setting.ts'

const ASIDE = 'ledger.db.corrupt-20261122T020000Z'

/** Whatever the tables' own checks say. */
function spoil(path: string, sql: string): void {
  const db = new Database(path)
  db.pragma('ignore_check_constraints = ON')
  db.exec(sql)
  db.close()
}

/** A cleanly stopped ledger with an hour in it. */
async function writeHour(t: TestContext): Promise<string> {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  const batches = Array.from({ length: 360 }, (_, n) => steadyBatch(n))
  const channelRows = batches.flatMap((batch) => batch.channelRows)
  const nodeRows = batches.flatMap((batch) => batch.nodeRows)
  ledger.write({ ...steadyBatch(359), channelRows, nodeRows, settledUnixMs: T0 + 3_601_000 })
  await ledger.stop()
  return path
}

function damage(path: string, change: (image: Buffer) => void): Buffer {
  const image = readFileSync(path)
  change(image)
  writeFileSync(path, image)
  return image
}

/** Starts on the damaged file and goes on; returns what it said. */
async function startAnew(t: TestContext, path: string) {
  const logger = recordingLogger()
  const ledger = await startLedger(t, path, { logger })
  if (!ledger.write(steadyBatch(360))) assert.equal(ledger.write(steadyBatch(361)), true)
  await ledger.stop()
  const db = openReadOnly(path)
  afterwards(t, () => db.close())
  assert.equal(db.pragma('integrity_check', { simple: true }), 'ok')
  return { logger, events: db.prepare('SELECT what, detail FROM events').all() as { what: string; detail: string }[] }
}

const DAMAGES: Record<string, (path: string) => void> = {
  'text in its place': (path) => writeFileSync(path, 'energy: a lot\n'.repeat(500)),
  'one byte': (path) => writeFileSync(path, 'S'),
  'a header and no more': (path) => truncateSync(path, 100),
  'half the file': (path) => truncateSync(path, readFileSync(path).length >> 1),
  'not a whole page': (path) => truncateSync(path, readFileSync(path).length - 1000),
  'page size of zero': (path) => void damage(path, (image) => image.writeUInt16BE(3, 16)),
  'a schema of noise': (path) => void damage(path, (image) => image.fill(0xa5, 100, PAGE_BYTES)),
  'all pages but the first of noise': (path) => void damage(path, (image) => image.fill(0xa5, PAGE_BYTES)),
}

for (const [name, change] of Object.entries(DAMAGES)) {
  test(`damaged (${name}): kept aside byte for byte, a new one begun, both said`, async (t) => {
    const path = await writeHour(t)
    change(path)
    const damaged = readFileSync(path)
    const { logger, events } = await startAnew(t, path)
    assert.deepEqual(readFileSync(join(path, '..', ASIDE)), damaged)
    assert.equal(logger.count('ledger_replaced'), 1)
    assert.equal(events[0]?.what, 'ledger_replaced')
    assert.match(events[0]?.detail ?? '', /damaged ledger was kept as .*corrupt-20261122T020000Z; its totals /)
  })
}

test('a second damage within the second does not overwrite the first', async (t) => {
  const path = await writeHour(t)
  for (const text of ['first', 'second', 'third']) {
    writeFileSync(path, text)
    await startAnew(t, path)
  }
  const kept = ['', '-2', '-3'].map((suffix) => readFileSync(join(path, '..', ASIDE + suffix), 'latin1'))
  assert.deepEqual(kept, ['first', 'second', 'third'])
})

test('after a kill the whole file is checked, and the write-ahead log goes aside with it', async (t) => {
  const path = await writeHour(t)
  const running = await startLedger(t, path)
  running.write(steadyBatch(360))
  const copy = join(scratchDirectory(t), 'ledger.db')
  for (const suffix of ['', '-wal', '-shm']) cpSync(path + suffix, copy + suffix)
  damage(copy, (image) => {
    const start = (firstLeafOf(path, 'channel_raw') - 1) * PAGE_BYTES
    image.fill(0xa5, start, start + PAGE_BYTES)
  })
  const logger = recordingLogger()
  const ledger = await startLedger(t, copy, { logger })
  assert.equal(logger.count('ledger_replaced'), 1)
  assert.deepEqual(ledger.restore(), steadyBatch(360).state, 'the totals were whole and are saved from the wreck')
  await ledger.stop()
  const next = await startLedger(t, copy)
  assert.deepEqual(next.restore(), steadyBatch(360).state)
})

test('totals that cannot be are not believed', async (t) => {
  const path = await writeHour(t)
  spoil(path, 'UPDATE account SET measured_uj = -1')
  rmSync(`${path}.totals`)
  const logger = recordingLogger()
  const ledger = await startLedger(t, path, { logger })
  assert.equal(ledger.restore(), null)
  assert.equal(logger.lines[0]?.level, 'error')
  assert.match(logger.lines[0]?.text ?? '', /; its totals could not be read/)
})

test('damaged (settled water below zero): found at the start, and the copy has the totals', async (t) => {
  const path = await writeHour(t)
  spoil(path, "INSERT INTO settled_total VALUES ('lab', 0, 1, 0, 0, 0, 0, 0, 0, -1, 0)")
  const logger = recordingLogger()
  const ledger = await startLedger(t, path, { logger })
  assert.equal(logger.count('ledger_replaced'), 1)
  assert.match(logger.lines[0]?.text ?? '', /; its totals could not be read/)
  assert.deepEqual(ledger.restore(), steadyBatch(359).state)
  assert.equal(ledger.settled?.node.energyUj, 360_000_000_000n)
})

test('damage that shows while the agent runs: the totals go on in a new ledger', async (t) => {
  const path = await writeHour(t)
  damage(path, (image) => {
    const start = (firstLeafOf(path, 'channel_hour') - 1) * PAGE_BYTES
    image.fill(0xa5, start, start + PAGE_BYTES)
  })
  const logger = recordingLogger()
  const ledger = await startLedger(t, path, { logger })
  assert.deepEqual(ledger.restore(), steadyBatch(359).state, 'a clean stop is trusted, but for the totals')
  assert.equal(ledger.write(steadyBatch(360)), false)
  assert.equal(ledger.health().queuedBatches, 1)
  assert.equal(ledger.write(steadyBatch(361)), true)
  assert.equal(ledger.health().message, null)
  await ledger.stop()
  const next = await startLedger(t, path)
  assert.deepEqual(next.restore(), steadyBatch(361).state)
  const db = openReadOnly(path)
  assert.equal(db.prepare('SELECT count(*) FROM channel_raw').pluck().get(), 2)
  const happenings = db.prepare('SELECT what FROM events').pluck().all()
  assert.deepEqual(happenings, ['ledger_replaced', 'ledger_caught_up'])
  db.close()
  assert.ok(readdirSync(join(path, '..')).includes(ASIDE))
  assert.equal(logger.count('ledger_write_failed'), 1)
})

test('no flipped bit of the formats in the header stops the agent', async (t) => {
  const image = readFileSync(await writeHour(t))
  const directory = scratchDirectory(t)
  for (const at of [18, 19, 44, 45, 46, 47]) {
    for (let bit = 0; bit < 8; bit++) {
      const victim = join(directory, `${at}-${bit}.db`)
      const copy = Buffer.from(image)
      copy.writeUInt8(copy.readUInt8(at) ^ (1 << bit), at)
      writeFileSync(victim, copy)
      const ledger = await startLedger(t, victim, { logger: recordingLogger() })
      assert.equal(ledger.write(steadyBatch(360)), true, `bit ${bit} of byte ${at}: ${ledger.health().message}`)
      await ledger.stop()
    }
  }
})

test('no pattern of flipped bytes stops the agent or the totals', async (t) => {
  const path = await writeHour(t)
  const image = readFileSync(path)
  const directory = scratchDirectory(t)
  let run = 0
  const flips = fc.array(fc.tuple(fc.nat(image.length - 1), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 200,
  })
  const property = fc.asyncProperty(flips, async (positions) => {
    const victim = join(directory, `${run++}.db`)
    const copy = Buffer.from(image)
    for (const [at, bits] of positions) copy.writeUInt8(copy.readUInt8(at) ^ bits, at)
    writeFileSync(victim, copy)
    const ledger = new Ledger({ path: victim, keep: FOREVER, logger: recordingLogger(), unixMs: () => T0 })
    try {
      await ledger.start(new AbortController().signal)
    } catch (error) {
      // The mark that makes it a ledger was hit: then it is left alone.
      assert.match((error as { code?: string }).code ?? String(error), /^STORE_(FOREIGN|NEWER)$/)
      assert.deepEqual(readFileSync(victim), copy)
      return
    }
    if (!ledger.write(steadyBatch(360)))
      assert.equal(ledger.write(steadyBatch(361)), true, ledger.health().message ?? '')
    assert.ok(ledger.durable)
    await ledger.stop()
  })
  await fc.assert(property, { numRuns: 60 })
})

/** The number, from 1, of the page that holds the oldest rows of a table. */
test('damage that shows when the carbon books are opened: the totals go on in a new ledger', async (t) => {
  const path = await writeHour(t)
  const running = await startLedger(t, path)
  const { state } = steadyBatch(360)
  const factor: Factor = {
    zone: 'DE',
    basis: 'direct',
    mgPerKwh: 100_000n,
    source: 'file',
    status: 'final',
    dataQuality: 1,
    relativeUncertainty: 0.05,
    startsUnixMs: T0,
    endsUnixMs: null,
    instrument: 'grid',
    reason: null,
  }
  const [startUnixMs, endUnixMs] = [T0 + 3_600_000, T0 + 7_200_000]
  const priced = { energyUj: 1_000_000_000n, puePpm: 1_000_000n, pueRelativeUncertainty: 0, co2eUg: 27_777n }
  const emission = { id: 1, account: 'location', startUnixMs, endUnixMs, factor, ...priced } as const
  running.write({ ...steadyBatch(360), carbon: { emissions: [emission], restatements: [] } })
  assert.equal(running.restoreBooks(0).emissions.length, 1)
  await running.stop()
  damage(path, (image) => {
    const start = (firstLeafOf(path, 'emission') - 1) * PAGE_BYTES
    image.fill(0xa5, start, start + PAGE_BYTES)
  })
  const logger = recordingLogger()
  const ledger = await startLedger(t, path, { logger })
  assert.deepEqual(ledger.restoreBooks(0), { emissions: [], next: { emissionId: 1, restatementId: 1 } })
  assert.equal(logger.count('ledger_replaced'), 1)
  await ledger.stop()
  // Killed before the first flush, too.
  const next = await startLedger(t, path)
  assert.deepEqual(next.restore(), state)
})

function firstLeafOf(path: string, table: string): number {
  const db = openReadOnly(path)
  try {
    const leaves = db.prepare("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path")
    return Number(leaves.pluck().get(table))
  } finally {
    db.close()
  }
}
