import assert from 'node:assert/strict'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { STEPS } from '../../src/ledger/schema/steps.ts'
import { AttributionTable } from '../../src/ledger/tables/attribution-table.ts'
import type { AttributionState, ConsumerTotal } from '../../src/model/attribution.ts'
import { FIGURES, footprintOf, NO_FOOTPRINT } from '../../src/model/footprint.ts'
import fc from '../property.ts'
import { byTenant, POD, WEB } from './consumers-setting.ts'
import { T0 } from './setting.ts'

function newTables(): Database.Database {
  const db = new Database(':memory:')
  for (const step of STEPS) db.exec(step)
  return db
}

const total = (n: number, more: Partial<ConsumerTotal> = {}): ConsumerTotal => ({
  consumer: { ...WEB, id: `${n}` },
  tenant: `${n % 3}`,
  idleUj: BigInt(n),
  dynamicUj: 0n,
  booked: NO_FOOTPRINT,
  bornUnixMs: T0,
  goneUnixMs: null,
  ...more,
})

function stateOf(consumers: readonly ConsumerTotal[]): AttributionState {
  return {
    consumers,
    tenants: byTenant(consumers),
    attributedUj: 1n,
    attributedBooked: NO_FOOTPRINT,
    parts: PARTS,
    idle: { 'processors/socket-0': '7' },
    lastUse: 'boot 2 /\nwhole 7\n1 ff',
  }
}

const PARTS = [{ part: 'rest', idleUj: 2n, dynamicUj: 3n, waitingUj: 4n }] as const

/** In an order that says nothing. */
function sorted(state: AttributionState | null) {
  const by = <T>(rows: readonly T[] = []) =>
    rows.map((row) => JSON.stringify(row, (_, v) => (typeof v === 'bigint' ? `${v}n` : v))).sort()
  return state && { ...state, consumers: by(state.consumers), tenants: by(state.tenants) }
}

test('a flush with 200 totals of which 10 changed writes these, and the sums that they change', () => {
  const db = newTables()
  const table = new AttributionTable(db)
  const changes = db.prepare<[], number>('SELECT total_changes()').pluck()
  const written = (state: AttributionState) => {
    const before = changes.get() ?? 0
    table.save(state)
    return (changes.get() ?? 0) - before
  }
  const totals = Array.from({ length: 200 }, (_, n) => total(n))
  assert.equal(written(stateOf(totals)), 200 + 3 + 1 + 1 + 1 + 1)
  assert.equal(written(stateOf(totals.map((one) => ({ ...one, consumer: { ...one.consumer } })))), 0)
  const grown = totals.map((one, n) => (n % 20 === 0 ? { ...one, dynamicUj: 5n } : one))
  assert.equal(written({ ...stateOf(grown), attributedUj: 2n }), 10 + 3 + 1)
  assert.equal(written({ ...stateOf(grown), attributedUj: 2n, tenants: [] }), 3)
  db.close()
})

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

test('whatever states follow each other, committed or rolled back, the tables hold the last that was committed', () => {
  const property = fc.property(fc.array(fc.tuple(states, fc.boolean()), { maxLength: 8 }), (saves) => {
    const db = newTables()
    const table = new AttributionTable(db)
    let last: AttributionState | null = null
    for (const [state, isCommitted] of saves) {
      db.exec('BEGIN')
      table.save(state)
      db.exec(isCommitted ? 'COMMIT' : 'ROLLBACK')
      if (isCommitted) last = state
      else table.forget()
      assert.deepEqual(sorted(table.load()), sorted(last))
    }
    db.close()
  })
  fc.assert(property, { numRuns: 100 })
})
