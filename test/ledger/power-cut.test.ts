import assert from 'node:assert/strict'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { splitBatch } from './consumers-setting.ts'
import { copied, recordingLogger, scratchDirectory, startLedger } from './setting.ts'

const BATCH_UJ = 1_000_000_000n
/** Of ten seconds: the first is written at once, and none after it until the cut. */
const KEPT = 15

/** What a power cut leaves after so many batches were kept: the disk, and nothing of what was in memory. */
async function cut(t: TestContext, batches = KEPT) {
  const folder = scratchDirectory(t)
  const path = join(folder, 'ledger.db')
  const ledger = await startLedger(t, path, { kept: join(scratchDirectory(t), 'unwritten') })
  assert.ok(ledger.write(splitBatch(0)))
  await copied(t, path, splitBatch(0).state)
  for (let n = 1; n <= batches; n++) {
    assert.ok(ledger.keep(splitBatch(n)))
    if (n % 6 === 0) await copied(t, path, splitBatch(n).state)
  }
  const left = scratchDirectory(t)
  cpSync(folder, left, { recursive: true })
  return { ledger, path, left: join(left, 'ledger.db') }
}

/** What a start makes of it, in all rows alike. */
async function startAndStop(t: TestContext, path: string) {
  const logger = recordingLogger()
  const ledger = await startLedger(t, path, { logger })
  const state = ledger.restore()
  await ledger.stop()
  const db = openReadOnly(path).defaultSafeIntegers()
  const sums = ['channel_raw', 'node_raw', 'node_minute', 'node_hour']
    .map((table) => `SELECT sum(energy_uj) FROM ${table}`)
    .concat('SELECT sum(idle_uj + dynamic_uj) FROM consumer_hour')
    .map((query) => db.prepare<[], bigint>(query).pluck().get())
  db.close()
  assert.equal(new Set(sums).size, 1, sums.join())
  return { state, energyUj: sums[0], said: logger.lines.filter(({ level }) => level !== 'info') }
}

test('a power cut costs what came in the last minute, however far the next flush is away', async (t) => {
  const { left } = await cut(t)
  const { state, energyUj, said } = await startAndStop(t, left)
  assert.deepEqual(said, [])
  assert.deepEqual(state, splitBatch(12).state)
  assert.equal(energyUj, 13n * BATCH_UJ)
  assert.equal((await startAndStop(t, left)).energyUj, 13n * BATCH_UJ, 'once')
})

test('what is in the ledger already is not written again', async (t) => {
  const { ledger, path } = await cut(t, 12)
  const ahead = readFileSync(`${path}.totals`)
  assert.ok(ledger.write(splitBatch(13)))
  await ledger.stop()
  writeFileSync(`${path}.totals`, ahead)
  const { state, energyUj, said } = await startAndStop(t, path)
  assert.deepEqual([state, energyUj, said], [splitBatch(13).state, 14n * BATCH_UJ, []])
})

test('where the newest copy is torn the one before counts', async (t) => {
  const { left } = await cut(t)
  const image = readFileSync(`${left}.totals`)
  const found = []
  for (const at of [100, image.length / 2 + 100]) {
    const spoilt = Buffer.from(image)
    spoilt.writeUInt8(spoilt.readUInt8(at) ^ 1, at)
    const copy = join(scratchDirectory(t), 'ledger.db')
    for (const suffix of ['', '-wal', '-shm']) cpSync(left + suffix, copy + suffix)
    writeFileSync(`${copy}.totals`, spoilt)
    const { energyUj = 0n, said } = await startAndStop(t, copy)
    assert.deepEqual(said, [])
    found.push(energyUj / BATCH_UJ)
  }
  assert.deepEqual(found.sort(), [13n, 7n], 'the older has the first minute')
})

test('beside a ledger that it does not continue the copy has totals, and no rows', async (t) => {
  const { left } = await cut(t)
  const older = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, older)
  ledger.write({ ...splitBatch(0), state: { ...splitBatch(0).state, atMonotonicNs: 1n } })
  await ledger.stop()
  cpSync(`${left}.totals`, `${older}.totals`)
  const { state, energyUj, said } = await startAndStop(t, older)
  assert.deepEqual(state?.node.energyUj, splitBatch(12).state.node.energyUj)
  assert.equal(energyUj, BATCH_UJ)
  assert.deepEqual(
    said.map(({ event }) => event),
    ['ledger_totals_differ'],
  )
  rmSync(`${older}.totals`)
})
