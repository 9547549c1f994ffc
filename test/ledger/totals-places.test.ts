import assert from 'node:assert/strict'
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { KeptTotals } from '../../src/ledger/ledger-totals.ts'
import { TotalsCopy } from '../../src/ledger/totals-copy/totals-copy.ts'
import fc, { runs } from '../property.ts'
import { afterwards, copied, scratchDirectory, startLedger, steadyBatch } from './setting.ts'

const at = (n: number): KeptTotals => ({ state: steadyBatch(n).state, settlement: null, trustedUnixMs: n })

function copyIn(t: TestContext): TotalsCopy {
  const copy = new TotalsCopy(join(scratchDirectory(t), 'ledger.db'))
  afterwards(t, () => copy.close())
  return copy
}

test('minute after minute the copy is written in one file, whose size stays', async (t) => {
  const copy = copyIn(t)
  await copy.update(at(0))
  const { ino, size, mode } = statSync(copy.path)
  assert.equal(mode & 0o777, 0o640)
  for (let n = 1; n < 100; n++) {
    await copy.update(at(n))
    assert.deepEqual(new TotalsCopy(copy.path.replace(/\.totals$/, '')).load(), at(n))
  }
  const after = statSync(copy.path)
  assert.deepEqual([after.ino, after.size], [ino, size])
})

test('a write that a power cut tears leaves the totals of before', async (t) => {
  const copy = copyIn(t)
  for (const n of [0, 1, 2]) await copy.update(at(n))
  const before = readFileSync(copy.path)
  await copy.update(at(3))
  const after = readFileSync(copy.path)
  const changed = before.findIndex((byte, index) => byte !== after[index])
  assert.ok(changed >= 0)
  const property = fc.property(fc.nat(before.length - changed), (written) => {
    const end = changed + written
    writeFileSync(copy.path, Buffer.concat([after.subarray(0, end), before.subarray(end)]))
    const { state } = copy.load() ?? {}
    const isNew = state?.atUnixMs === at(3).state.atUnixMs
    assert.deepEqual(state, at(isNew ? 3 : 2).state)
    if (written === 0) assert.ok(!isNew)
  })
  fc.assert(property, { numRuns: runs(200) })
})

test('of a copy with one damaged place the other counts, and of none with two', async (t) => {
  const copy = copyIn(t)
  for (const n of [0, 1]) await copy.update(at(n))
  const image = readFileSync(copy.path)
  const [first, second] = [100, image.length / 2 + 100]
  const spoil = (...places: number[]) => {
    const spoilt = Buffer.from(image)
    for (const place of places) spoilt.writeUInt8(spoilt.readUInt8(place) ^ 1, place)
    writeFileSync(copy.path, spoilt)
    return copy.load()?.trustedUnixMs
  }
  assert.deepEqual([spoil(first), spoil(second)].sort(), [0, 1])
  assert.throws(() => spoil(first, second), /checksum/)
})

test('totals that have outgrown their places, and a file that is no longer there, get a new file', async (t) => {
  const copy = copyIn(t)
  await copy.update(at(0))
  const { size } = statSync(copy.path)
  const learned = Array.from({ length: 9_000 }, (_, n) => n ** 3).join(' ')
  const large = { ...at(1), state: { ...at(1).state, leafModels: [{ name: 'leaf', learned }] } }
  await copy.update(large)
  assert.deepEqual(copy.load(), large)
  assert.ok(statSync(copy.path).size > size)
  rmSync(copy.path)
  await copy.update(at(2))
  assert.deepEqual(copy.load(), at(2))
  renameSync(copy.path, `${copy.path}.moved`)
  writeFileSync(copy.path, 'noise')
  await copy.update(at(3))
  assert.deepEqual(copy.load(), at(3))
})

test('a stopped ledger leaves one place alone; a killed one goes on from the newer of two', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  for (const n of [0, 1]) {
    ledger.write(steadyBatch(n))
    await copied(t, path, steadyBatch(n).state)
  }
  const asKilled = readFileSync(`${path}.totals`)
  await ledger.stop()
  assert.ok(statSync(`${path}.totals`).size < asKilled.length)
  for (const name of [path, `${path}.totals`]) rmSync(name)
  writeFileSync(`${path}.totals`, asKilled)
  const next = await startLedger(t, path)
  assert.deepEqual(next.restore(), steadyBatch(1).state)
})
