import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apportion, columnsOf, sumOf, totalOfColumns } from '../../src/ledger/settlement/sums.ts'
import type { SettledTotal, TenantTotal } from '../../src/model/attribution.ts'
import fc, { runs } from '../property.ts'

const figure = fc.bigInt({ min: 0n, max: 2n ** 50n })
const tenants = fc
  .uniqueArray(fc.record({ tenant: fc.string(), idleUj: figure, dynamicUj: figure }), {
    selector: ({ tenant }) => tenant,
    maxLength: 12,
  })
  .filter((rows) => rows.some(({ idleUj, dynamicUj }) => idleUj + dynamicUj > 0n))
const masses = fc.array(figure, { minLength: 8, maxLength: 8 })

/** What an hour of these tenants has, and what came with it. */
function hourOf(rows: readonly TenantTotal[], others: readonly bigint[], nobodysUj = 0n): SettledTotal {
  const energyUj = rows.reduce((sum, { idleUj, dynamicUj }) => sum + idleUj + dynamicUj, nobodysUj)
  return totalOfColumns([energyUj, ...others])
}

function summed(totals: readonly SettledTotal[]): bigint[] {
  return totals.reduce((sums, total) => columnsOf(total).map((one, n) => one + (sums[n] ?? 0n)), [] as bigint[])
}

test('every figure of the tenants sums to the node, whole and none negative', () => {
  const property = fc.property(tenants, masses, (rows, others) => {
    const node = hourOf(rows, others)
    const shared = apportion(node, rows)
    assert.deepEqual(summed(shared.tenants), columnsOf(node))
    for (const [n, { idleUj, dynamicUj }] of rows.entries())
      assert.equal(shared.tenants[n]?.energyUj, idleUj + dynamicUj)
    assert.ok(shared.tenants.flatMap(columnsOf).every((one) => one >= 0n))
  })
  fc.assert(property, { numRuns: runs(300) })
})

test("each tenant has what is due to it within one unit, and what nobody was found for is nobody's", () => {
  const property = fc.property(tenants, masses, figure, (rows, others, nobodysUj) => {
    const node = hourOf(rows, others, nobodysUj)
    const idle = rows.reduce((sum, { idleUj }) => sum + idleUj, 0n)
    for (const [n, { idleUj, dynamicUj }] of rows.entries()) {
      const figures = columnsOf(apportion(node, rows).tenants[n] ?? node)
      for (const [column, whole] of columnsOf(node).entries()) {
        const isEmbodied = column === 5 || column === 6
        const part = Number(idleUj + dynamicUj) / Number(node.energyUj)
        const split = 1 - Number(nobodysUj) / Number(node.energyUj)
        const share = isEmbodied && idle > 0n ? (split * Number(idleUj)) / Number(idle) : part
        const due = Number(whole) * share
        assert.ok(Math.abs(Number(figures[column]) - due) <= 2 + due * 1e-9, `${figures[column]} for ${due}`)
      }
    }
  })
  fc.assert(property, { numRuns: runs(200) })
})

test('sums keep every tenant of either, and the order in which they come changes nothing', () => {
  const hour = fc.tuple(tenants, masses).map(([rows, others]) => apportion(hourOf(rows, others), rows))
  const property = fc.property(hour, hour, (a, b) => {
    const sorted = (sums: typeof a) => [...sums.tenants].sort((x, y) => (x.tenant < y.tenant ? -1 : 1))
    const both = sumOf(a, b)
    assert.deepEqual(sorted(both), sorted(sumOf(b, a)))
    assert.deepEqual(summed(both.tenants), columnsOf(both.node))
    assert.equal(both.tenants.length, new Set([...a.tenants, ...b.tenants].map(({ tenant }) => tenant)).size)
  })
  fc.assert(property, { numRuns: runs(100) })
})
