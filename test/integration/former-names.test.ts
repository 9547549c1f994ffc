import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byPresentNames } from '../../src/integration/former-names.ts'
import { consumerTotal, ShownTotals } from '../../src/integration/shown-totals.ts'
import type { ConsumerTotal } from '../../src/model/attribution.ts'
import { FIGURES, NO_FOOTPRINT } from '../../src/model/footprint.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import fc, { runs } from '../property.ts'
import { totalsOfAttribution } from './bare-totals.ts'

function consumer(id: string, tenant: string, idleUj: bigint): ConsumerTotal {
  const named = { kind: 'group', id, name: id, labels: {} } as const
  return { consumer: named, tenant, idleUj, dynamicUj: 0n, booked: NO_FOOTPRINT, bornUnixMs: 0, goneUnixMs: null }
}

const namesOf = (...consumers: readonly ConsumerTotal[]) => totalsOfAttribution({ consumers, tenants: [], parts: [] })

// Once both were `consumer/group:a/b/c/idle`.
const first = consumer('a', 'b/c', 500n)
const second = consumer('a/b', 'c', 7n)

test('two consumers whose ids and tenants hold slashes have each a total of its own, up to its own ceiling', () => {
  const totals = namesOf(first, second)
  const shown = new ShownTotals(NS_PER_S, { totals, ceilings: new Map() })
  assert.equal(shown.shown(consumerTotal(first, 'idle'), 500n), 500n)
  assert.equal(shown.shown(consumerTotal(second, 'idle'), 7n), 7n)
})

test('whatever ids and tenants are, no two totals of consumers have one name', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '/', ':', '\n', 'idle'), maxLength: 5 })
  const tenant = text.map((raw) => raw.replaceAll('\n', ''))
  const what = fc.constantFrom('idle' as const, 'dynamic' as const, ...FIGURES)
  const total = fc.record({ id: text, tenant, what })
  fc.assert(
    fc.property(total, total, (a, b) => {
      const nameOf = (one: typeof a) => consumerTotal(consumer(one.id, one.tenant, 0n), one.what)
      assert.equal(nameOf(a) === nameOf(b), a.id === b.id && a.tenant === b.tenant && a.what === b.what)
    }),
    { numRuns: runs(2_000) },
  )
})

test('ceilings of an earlier version hold: what may have been shown does not fall, and no total is below the ledger', () => {
  const recorded = new Map([
    ['consumer/group:a/b/c/idle', 400n],
    ['consumer/group:a/b/c/location/direct', 3n],
    ['tenant/c/idle', 9n],
  ])
  const ceilings = byPresentNames(recorded, [first, second])
  assert.equal(ceilings.get(consumerTotal(second, 'location/direct')), 3n)
  assert.equal(ceilings.get('tenant/c/idle'), 9n)
  const shown = new ShownTotals(NS_PER_S, { totals: namesOf(first, second), ceilings })
  assert.equal(shown.shown(consumerTotal(second, 'idle'), 7n), 400n)
  assert.equal(shown.shown(consumerTotal(first, 'idle'), 500n), 500n)
})
