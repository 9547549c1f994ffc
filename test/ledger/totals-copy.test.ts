import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { encode } from '../../src/ledger/bigint-json.ts'
import { STEPS } from '../../src/ledger/schema/steps.ts'
import { packRest } from '../../src/ledger/tables/totals-rest.ts'
import { compareTotals } from '../../src/ledger/totals-copy/comparison.ts'
import { TotalsCopy } from '../../src/ledger/totals-copy/totals-copy.ts'
import type { ConsumerTotal } from '../../src/model/attribution.ts'
import type { LedgerState } from '../../src/model/batch.ts'
import { checkedText } from '../../src/model/checked-text.ts'
import fc, { runs } from '../property.ts'
import { splitBatch, splitHours } from './consumers-setting.ts'
import { afterwards, copied, recordingLogger, restOf, scratchDirectory, startLedger, steadyBatch } from './setting.ts'

/** A ledger of ten batches, stopped. */
async function writeTen(t: TestContext): Promise<string> {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  for (let n = 0; n < 10; n++) ledger.write(steadyBatch(n))
  await ledger.stop()
  return path
}

/** As SQL, or as what one of the totals without a column of their own is from now on. */
type Change = string | readonly [path: string, value: unknown]

/** Of which the checksum fits: a row that another time had. */
function alter(path: string, change: Change): void {
  const db = new Database(path)
  if (typeof change === 'string') db.exec(change)
  else {
    const rest = restOf(db)
    const names = change[0].split(' ')
    const last = names.pop() ?? ''
    const at = names.reduce((place, name) => place[name] as Place, rest as unknown as Place)
    at[last] = change[1]
    const { node, carbon, ...others } = rest
    const state = { ...steadyBatch(0).state, ...others }
    const packed = packRest({ ...state, node: { ...state.node, ...node }, carbon: { ...state.carbon, ...carbon } })
    db.prepare('UPDATE account SET rest = ?').run(packed)
  }
  db.close()
}

type Place = Record<string, unknown>

/** Starts and stops; returns what it found, and what it said but for information. */
async function restart(t: TestContext, path: string) {
  const logger = recordingLogger()
  const ledger = await startLedger(t, path, { logger })
  const state = ledger.restore()
  const { settled } = ledger
  await ledger.stop()
  return {
    state,
    settled,
    said: logger.lines.filter(({ level }) => level !== 'info').map(({ event, text }) => [event, text]),
  }
}

/** It found this, and had nothing to say. */
function assertQuiet(
  { state, said }: Awaited<ReturnType<typeof restart>>,
  wanted: LedgerState | null,
  why?: string,
): void {
  assert.deepEqual({ state, said }, { state: wanted, said: [] }, why)
}

test('a bit that flips in a total is found, said and mended', async (t) => {
  const { state } = steadyBatch(9)
  const changes: readonly (readonly [Change, string])[] = [
    [
      'UPDATE account SET measured_uj = measured_uj | (1 << 40)',
      'node.energyUj.measured 1109511627776, in the copy 10000000000',
    ],
    [
      'UPDATE account SET measured_uj = measured_uj & ~(1 << 33)',
      'node.energyUj.measured 1410065408, in the copy 10000000000',
    ],
    [
      'UPDATE counter SET last_count = last_count + 64',
      'channels.rapl/package/package-0.last 1410065472 100000000000 1/1 of 4294967296, in the copy 1410065408 100000000000 1/1',
    ],
    ['DELETE FROM counter', 'channels.rapl/package/package-0 nothing'],
    [['carbon bookedUg location life-cycle', 7n], 'carbon.bookedUg.location.life-cycle 7, in the copy 1320000'],
  ]
  for (const [change, where] of changes) {
    const path = await writeTen(t)
    alter(path, change)
    const found = await restart(t, path)
    assert.deepEqual(found.state, state)
    assert.deepEqual(
      found.said.map(([event]) => event),
      ['ledger_totals_differ'],
    )
    assert.ok(found.said[0]?.[1]?.includes(`those of ${path}.totals are used: ${where}`), found.said[0]?.[1])
    assertQuiet(await restart(t, path), state, 'the ledger has them again')
  }
})

/** A stopped ledger of an hour and a half that is split among consumers, and what it says. */
async function writeSplit(t: TestContext) {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  ledger.write(splitHours(0, 1))
  const last = splitBatch(539)
  ledger.write(last)
  const { settled } = ledger
  await ledger.stop()
  assert.ok(settled)
  return { path, settled, state: last.state }
}

/** In the order of the names. */
function inOrder(state: LedgerState | null) {
  const { attribution = null } = state ?? {}
  const key = ({ consumer, tenant }: ConsumerTotal) => `${consumer.kind} ${consumer.id} ${tenant}`
  const by = <T>(rows: readonly T[], name: (row: T) => string) => [...rows].sort((a, b) => (name(a) < name(b) ? -1 : 1))
  const consumers = by(attribution?.consumers ?? [], key)
  const tenants = by(attribution?.tenants ?? [], ({ tenant }) => tenant)
  return { ...state, attribution: { ...attribution, consumers, tenants } }
}

test('a bit that flips in what was split or settled is found, said and mended', async (t) => {
  const changes: readonly (readonly [Change, string])[] = [
    [['attribution tenants 1 idleUj', 5n], 'attribution.tenants.lab.idleUj 5, in the copy 108000000000'],
    [
      ['attribution consumers 2 dynamicUj', 7n],
      'attribution.consumers.pod:0a1b-2c lab.dynamicUj 7, in the copy 162000000000',
    ],
    [
      ['attribution consumers 2 consumer labels', {}],
      'attribution.consumers.pod:0a1b-2c lab.consumer.labels.namespace nothing, in the copy ml',
    ],
    [['attribution tenants', []], 'attribution.tenants.shop nothing'],
    [['attribution attributedUj', 1n], 'attribution.attributedUj 1, in the copy 540000000000'],
    [['attribution parts 0 waitingUj', 9n], 'attribution.parts.rest.waitingUj 9, in the copy 4'],
    [['attribution idle processors/socket-0', ''], 'attribution.idle.processors/socket-0 , in the copy v1 7'],
    [['attribution lastUse', 'x'], 'attribution.lastUse x, in the copy boot 2 /\nwhole '],
    [
      "UPDATE settled_total SET energy_uj = 9 WHERE tenant = 'shop' AND is_late = 0",
      'settlement.settled.tenants.shop.energyUj 9, in the copy 144000000360',
    ],
    [
      "UPDATE settled_total SET energy_uj = 3 WHERE tenant = '' AND is_late = 1",
      'settlement.late.node.energyUj 3, in the copy 0',
    ],
    ['DELETE FROM settlement', 'settlement null, in the copy'],
  ]
  for (const [change, where] of changes) {
    const { path, settled, state } = await writeSplit(t)
    alter(path, change)
    const found = await restart(t, path)
    assert.deepEqual(inOrder(found.state), inOrder(state))
    assert.deepEqual(found.settled, settled)
    assert.ok(found.said[0]?.[1]?.includes(`those of ${path}.totals are used: ${where}`), found.said[0]?.[1])
    const again = await restart(t, path)
    assert.deepEqual([inOrder(again.state), again.settled, again.said], [inOrder(state), settled, []])
  }
})

test('a ledger begun anew, or put back from a backup, goes on with what was split and settled', async (t) => {
  const { path, settled, state } = await writeSplit(t)
  const backup = readFileSync(path)
  rmSync(path)
  const anew = await restart(t, path)
  assert.deepEqual([inOrder(anew.state), anew.settled], [inOrder(state), settled])
  const next = await startLedger(t, path)
  // One consumer is gone, and is part of the sum of all that are not exported.
  const later = splitBatch(720)
  const { attribution } = later.state
  assert.ok(attribution)
  const consumers = attribution.consumers.slice(1)
  const laterState = { ...later.state, attribution: { ...attribution, consumers } }
  next.write({ ...later, state: laterState })
  const laterSettled = next.settled
  await next.stop()
  assert.notDeepEqual(laterSettled, settled)
  writeFileSync(path, backup)
  const found = await restart(t, path)
  assert.deepEqual(inOrder(found.state), inOrder(laterState))
  assert.deepEqual(found.settled, laterSettled)
})

test('an old ledger that was put back is behind: of each total the higher one, marks of the later', async (t) => {
  const path = await writeTen(t)
  const backup = readFileSync(path)
  const ledger = await startLedger(t, path)
  for (let n = 10; n < 20; n++) ledger.write(steadyBatch(n))
  await ledger.stop()
  writeFileSync(path, backup)
  const { state, said } = await restart(t, path)
  assert.deepEqual(state, steadyBatch(19).state)
  assert.deepEqual(
    said.map(([event]) => event),
    ['ledger_totals_differ'],
  )
  assert.match(said[0]?.[1] ?? '', /older than its totals .* channels\..*energyUj 10000000000, in the copy 20000000000/)
})

test('a copy that is older, missing or of a ledger without one is no matter', async (t) => {
  const path = await writeTen(t)
  const old = readFileSync(`${path}.totals`)
  const ledger = await startLedger(t, path)
  ledger.write(steadyBatch(10))
  await ledger.stop()
  const { state } = steadyBatch(10)
  writeFileSync(`${path}.totals`, old)
  assertQuiet(await restart(t, path), state)
  rmSync(`${path}.totals`)
  assertQuiet(await restart(t, path), state)
})

test('a copy of another format is no matter', async (t) => {
  const path = await writeTen(t)
  const body = `{"format":${STEPS.length - 1},"state":{},"trustedUnixMs":0}`
  writeFileSync(`${path}.totals`, `${createHash('sha256').update(body).digest('hex')}\n${body}\n`)
  assertQuiet(await restart(t, path), steadyBatch(9).state)
})

test('a copy as earlier versions wrote it counts: JSON as it is', async (t) => {
  const path = await writeTen(t)
  const body = encode({ format: STEPS.length, state: steadyBatch(19).state, settlement: null, trustedUnixMs: 0 })
  writeFileSync(`${path}.totals`, checkedText(body))
  assert.deepEqual((await restart(t, path)).state, steadyBatch(19).state)
})

test('the copy of a thousand consumers is written in a tenth of its letters', async (t) => {
  const copy = new TotalsCopy(join(scratchDirectory(t), 'ledger.db'))
  const { state } = splitBatch(0)
  const all = Array.from({ length: 1_000 }, (_, n) => ({
    ...state.attribution?.consumers[0],
    consumer: { kind: 'service', id: `unit-${n}.service`, name: `unit-${n}.service`, labels: {} },
    idleUj: 7_919n * BigInt(n) ** 2n,
  }))
  const attribution = { ...state.attribution, consumers: all } as LedgerState['attribution']
  const kept = { state: { ...state, attribution }, settlement: null, trustedUnixMs: 0 }
  await copy.save(kept)
  assert.deepEqual(copy.load()?.state.attribution, attribution)
  assert.ok(10 * statSync(copy.path).size < encode(kept).length)
})

test('whatever byte of the copy is damaged, it is said and the ledger counts', async (t) => {
  const path = await writeTen(t)
  const whole = readFileSync(`${path}.totals`)
  const logger = recordingLogger()
  const spoilt = fc.tuple(fc.nat(whole.length - 2), fc.integer({ min: 1, max: 255 }), fc.boolean())
  const property = fc.property(spoilt, ([at, bits, isCut]) => {
    const image = Buffer.from(whole)
    image.writeUInt8(image.readUInt8(at) ^ bits, at)
    writeFileSync(`${path}.totals`, isCut ? whole.subarray(0, at) : image)
    assert.throws(() => new TotalsCopy(path).load())
  })
  fc.assert(property, { numRuns: runs(200) })
  const ledger = await startLedger(t, path, { logger })
  assert.deepEqual(ledger.restore(), steadyBatch(9).state)
  assert.equal(logger.count('ledger_totals_unread'), 1)
  await ledger.stop()
  assert.deepEqual(new TotalsCopy(path).load()?.state, steadyBatch(9).state, 'the start writes a new one')
})

test('a ledger begun anew goes on from the copy; without either it begins at nothing', async (t) => {
  const path = await writeTen(t)
  rmSync(path)
  const { state, said } = await restart(t, path)
  assert.deepEqual(state, steadyBatch(9).state)
  assert.deepEqual(said, [
    [
      'ledger_totals_restored',
      `the ledger has no totals, so they go on from ${path}.totals. To begin at 0, stop the agent and delete both`,
    ],
  ])
  rmSync(path)
  rmSync(`${path}.totals`)
  assertQuiet(await restart(t, path), null)
})

test('a damaged ledger whose totals cannot be read goes on from the copy', async (t) => {
  const path = await writeTen(t)
  writeFileSync(path, 'noise')
  const { state, said } = await restart(t, path)
  assert.deepEqual(state, steadyBatch(9).state)
  assert.deepEqual(
    said.map(([event]) => event),
    ['ledger_replaced', 'ledger_totals_restored'],
  )
})

test('a copy that cannot be written is said once, and the ledger goes on', async (t) => {
  const path = await writeTen(t)
  const logger = recordingLogger()
  const ledger = await startLedger(t, path, { logger })
  rmSync(`${path}.totals`)
  mkdirSync(`${path}.totals`)
  for (let n = 10; logger.count('ledger_totals_unwritten') === 0; n++) {
    assert.equal(ledger.write(steadyBatch(n)), true)
    await setImmediate()
  }
  assert.equal(ledger.write(steadyBatch(5000)), true)
  await ledger.stop()
  assert.equal(logger.count('ledger_totals_unwritten'), 1)
  rmSync(`${path}.totals`, { recursive: true })
  const next = await startLedger(t, path)
  await copied(t, path, steadyBatch(5000).state)
  await next.stop()
})

test('the copy is for the owner and the group, and nothing else is left beside it', async (t) => {
  const umask = process.umask(0)
  afterwards(t, () => process.umask(umask))
  const path = await writeTen(t)
  assert.equal(statSync(`${path}.totals`).mode & 0o777, 0o640)
  assert.deepEqual(readdirSync(dirname(path)).sort(), ['ledger.db', 'ledger.db.lock', 'ledger.db.totals'])
})

test('what the copy is given comes back, also what a later version has beside it', async (t) => {
  const copy = new TotalsCopy(join(scratchDirectory(t), 'ledger.db'))
  const leaf = fc.oneof(
    fc.bigInt(),
    fc.integer(),
    fc.string(),
    fc.stringMatching(/^#+\d*$/),
    fc.constant(null),
    fc.boolean(),
  )
  const record = <T>(values: fc.Arbitrary<T>) =>
    fc.dictionary(fc.stringMatching(/^[a-z/-]+$/), values, { noNullPrototype: true })
  const more = record(fc.oneof(leaf, record(leaf), fc.array(record(leaf))))
  const property = fc.asyncProperty(more, async (value) => {
    const state = { ...value, ...steadyBatch(0).state }
    await copy.save({ state, settlement: null, trustedUnixMs: 1.5 })
    assert.deepEqual(copy.load(), { state, settlement: null, trustedUnixMs: 1.5 })
  })
  await fc.assert(property, { numRuns: runs(100) })
})

const compare = (stored: LedgerState, copy: LedgerState) =>
  compareTotals({ state: stored, settlement: null }, { state: copy, settlement: null })

test('totals that a later version adds are compared and never fall, too', () => {
  const at = <T>(n: number, added: T) => ({ ...steadyBatch(n).state, ...added })
  const stored = at(1, { selfEnergyUj: 5n, parts: { rest: { measured: 7n, estimated: 1n } } })
  const copy = at(2, { selfEnergyUj: 6n, parts: { rest: { measured: 6n, estimated: 2n }, memory: { measured: 3n } } })
  const { verdict, totals } = compare(stored, copy)
  assert.equal(verdict, 'behind')
  const parts = { rest: { measured: 7n, estimated: 2n }, memory: { measured: 3n } }
  assert.deepEqual(totals.state, at(2, { selfEnergyUj: 6n, parts }))
  assert.equal(compare(copy, { ...copy }).verdict, 'same')
  assert.equal(compare(copy, at(2, { selfEnergyUj: 6n, parts: stored.parts })).verdict, 'damaged')
})

test('a correction may fall, and a channel that only the ledger knows stays', () => {
  const { state } = steadyBatch(1)
  const corrected = (ug: bigint) => {
    const { correctionUg } = state.carbon
    return { ...state.carbon, correctionUg: { ...correctionUg, location: { direct: ug, 'life-cycle': 0n } } }
  }
  const earlier = {
    ...steadyBatch(0).state,
    carbon: { ...steadyBatch(0).state.carbon, correctionUg: corrected(9n).correctionUg },
  }
  const later = { ...state, carbon: corrected(-4n) }
  assert.equal(compare(later, earlier).verdict, 'same')
  assert.deepEqual(compare(earlier, later).totals.state.carbon.correctionUg, later.carbon.correctionUg)
  assert.equal(compare(later, { ...later, channels: [] }).verdict, 'same')
})

test('a FIFO in place of the copy, or of its draft, holds nothing up and is put right', async (t) => {
  const path = await writeTen(t)
  for (const name of ['totals', 'totals.new']) {
    rmSync(`${path}.${name}`, { force: true })
    execFileSync('mkfifo', [`${path}.${name}`])
    assert.deepEqual((await restart(t, path)).state, steadyBatch(9).state)
    assert.deepEqual(new TotalsCopy(path).load()?.state, steadyBatch(9).state)
  }
})
