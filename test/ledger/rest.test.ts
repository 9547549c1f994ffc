import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { packRest, unpackRest } from '../../src/ledger/tables/totals-rest.ts'
import type { LedgerState } from '../../src/model/batch.ts'
import { FIGURES, footprintOf } from '../../src/model/footprint.ts'
import fc, { runs } from '../property.ts'
import { POD, splitBatch, WEB } from './consumers-setting.ts'
import { recordingLogger, scratchDirectory, startLedger } from './setting.ts'

const { state: STATE } = splitBatch(9)

async function writtenSplit(t: TestContext): Promise<string> {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  ledger.write(splitBatch(9))
  await ledger.stop()
  return path
}

/** Flips bits of one byte of what has no column of its own. */
function spoil(path: string, at: number, bits: number): void {
  const db = new Database(path)
  const rest = Buffer.from(db.prepare<[], Buffer>('SELECT rest FROM account').pluck().get() ?? [])
  rest.writeUInt8(rest.readUInt8(at % rest.length) ^ bits, at % rest.length)
  db.prepare('UPDATE account SET rest = ?').run(rest)
  db.close()
}

test('whatever byte of it is damaged, the totals without columns are not believed', () => {
  const packed = packRest(STATE)
  const spoilt = fc.tuple(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }))
  const property = fc.property(spoilt, ([at, bits]) => {
    const image = Buffer.from(packed)
    image.writeUInt8(image.readUInt8(at) ^ bits, at)
    assert.match(unpackRest(image).damage ?? '', /checksum/)
  })
  fc.assert(property, { numRuns: runs(200) })
})

test('damage to them is said, the copy has them, and the hours stay', async (t) => {
  for (const at of [0, 40, 200]) {
    const path = await writtenSplit(t)
    spoil(path, at, 4)
    const logger = recordingLogger()
    const ledger = await startLedger(t, path, { logger })
    assert.deepEqual(ledger.restore(), STATE)
    assert.equal(logger.count('ledger_totals_differ'), 1)
    assert.equal(logger.count('ledger_replaced'), 0)
    await ledger.stop()
    const next = await startLedger(t, path)
    assert.deepEqual(next.restore(), STATE, 'the ledger has them again')
    await next.stop()
    const db = openReadOnly(path)
    assert.equal(db.prepare('SELECT count(*) FROM node_hourly').pluck().get(), 1)
    db.close()
  }
})

test('damage where there is no copy is said, and what has columns goes on', async (t) => {
  const path = await writtenSplit(t)
  spoil(path, 40, 4)
  rmSync(`${path}.totals`)
  const logger = recordingLogger()
  const ledger = await startLedger(t, path, { logger })
  const { node, channels, attribution } = ledger.restore() ?? {}
  assert.deepEqual([node?.energyUj, channels], [STATE.node.energyUj, STATE.channels])
  assert.equal(attribution, null)
  assert.match(logger.lines.find(({ level }) => level === 'error')?.text ?? '', /there is no copy, so they begin at 0/)
})

const PARTS = [{ part: 'rest', idleUj: 2n, dynamicUj: 3n, waitingUj: 4n }] as const

const footprint = fc
  .array(fc.bigInt({ min: 0n, max: 2n ** 62n }), { minLength: FIGURES.length, maxLength: FIGURES.length })
  .map(footprintOf)
const totals = fc.uniqueArray(
  fc.record({
    consumer: fc.constantFrom(WEB, POD, { ...POD, name: 'a"\n\0ö' }, { ...WEB, labels: { x: 'y' } }),
    tenant: fc.constantFrom('', 'a', 'b'),
    idleUj: fc.bigInt({ min: 0n, max: 2n ** 62n }),
    dynamicUj: fc.bigInt({ min: 0n, max: 3n }),
    booked: footprint,
    bornUnixMs: fc.integer({ min: 0, max: 3 }),
    goneUnixMs: fc.option(fc.integer({ min: 0, max: 3 })),
  }),
  { selector: ({ consumer, tenant }) => `${consumer.kind} ${tenant}` },
)
const states = fc.option(
  fc.record({
    consumers: totals,
    tenants: fc.uniqueArray(
      fc.record({
        tenant: fc.constantFrom('a', 'b', 'c'),
        idleUj: fc.nat(9).map(BigInt),
        dynamicUj: fc.nat(9).map(BigInt),
      }),
      {
        selector: ({ tenant }) => tenant,
      },
    ),
    attributedUj: fc.bigInt({ min: 0n, max: 9n }),
    attributedBooked: footprint,
    parts: fc.constantFrom([], PARTS, [{ ...PARTS[0], idleUj: 2n ** 62n }]),
    lastUse: fc.constantFrom('', 'boot 2 /\nwhole 7', 'x'),
    idle: fc.dictionary(fc.constantFrom('rest', 'memory/0', 'x'), fc.constantFrom('1', '2'), { noNullPrototype: true }),
  }),
)

test('whatever attribution knows comes back', () => {
  const property = fc.property(states, (attribution) => {
    const state = { ...STATE, attribution }
    assert.deepEqual(unpackRest(packRest(state)).rest.attribution, structuredClone(attribution))
  })
  fc.assert(property, { numRuns: runs(100) })
})

test('what is packed comes back, and names of consumers that repeat take little', () => {
  const { attribution } = STATE
  assert.ok(attribution)
  const one = attribution.consumers[0]
  assert.ok(one)
  const consumers = Array.from({ length: 200 }, (_, n) => ({
    ...one,
    consumer: { ...one.consumer, id: `#unit-${n}.service`, name: `unit-${n}.service`, labels: { app: '#1' } },
    idleUj: 7_919n * BigInt(n) ** 2n,
  }))
  const state: LedgerState = { ...STATE, attribution: { ...attribution, consumers } }
  const packed = packRest(state)
  assert.deepEqual(unpackRest(packed).rest.attribution, state.attribution)
  assert.ok(packed.length < 16_000, `${packed.length}`)
})
