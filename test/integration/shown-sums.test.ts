import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ShownTotals, type Totals } from '../../src/integration/shown-totals.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import fc, { runs } from '../property.ts'

const FLUSH_S = 10
const TENANTS = ['a', 'b', 'c'] as const
const PART = 'part/processors/measured'

/** Adds what each tenant uses in a second, all of it drawn by one part of the machine. */
function grown(totals: Totals, usesUj: readonly bigint[]): Totals {
  const next = new Map(totals)
  for (const [index, usedUj] of usesUj.entries()) {
    for (const name of [`tenant/${TENANTS[index]}/dynamic`, PART]) next.set(name, (next.get(name) ?? 0n) + usedUj)
  }
  return next
}

const sumOf = (totals: Totals, prefix: string) =>
  [...totals].reduce((sum, [name, uj]) => (name.startsWith(prefix) ? sum + uj : sum), 0n)

const uses = fc.array(fc.bigInt(0n, 1_000_000n), { minLength: TENANTS.length, maxLength: TENANTS.length })

test('after a power cut tenants may be shown to sum to more than the node, by no more than their ceilings, until each has used as much', () => {
  fc.assert(
    fc.property(fc.array(uses, { minLength: 30, maxLength: 90 }), (seconds) => {
      let shown = new ShownTotals(BigInt(FLUSH_S) * NS_PER_S, null)
      let totals: Totals = new Map()
      let disk: { readonly totals: Totals; readonly ceilings: Totals } = { totals, ceilings: new Map() }
      let before: Totals = new Map()
      for (const [index, usesUj] of seconds.entries()) {
        totals = grown(totals, usesUj)
        before = shown.of(totals)
        if (index % FLUSH_S !== 0) continue
        disk = { totals, ceilings: shown.ceilingsFor(totals, BigInt(index) * NS_PER_S, false) }
        shown.flushed(disk.totals, disk.ceilings)
      }

      shown = new ShownTotals(BigInt(FLUSH_S) * NS_PER_S, disk)
      totals = disk.totals
      const aheadUj = (prefix: string) =>
        [...disk.ceilings].reduce(
          (sum, [name, uj]) => (name.startsWith(prefix) ? sum + uj - (totals.get(name) ?? 0n) : sum),
          0n,
        )
      const after = shown.of(totals)
      for (const [name, uj] of before) assert.ok((after.get(name) ?? 0n) >= uj, `${name} fell`)
      const more = sumOf(after, 'tenant/') - sumOf(after, 'part/')
      assert.ok(more <= aheadUj('tenant/') && -more <= aheadUj('part/'), `${more} µJ`)

      // As soon as each has used what its ceiling lay ahead, the shown totals are the true ones again.
      const most = TENANTS.map((tenant) => disk.ceilings.get(`tenant/${tenant}/dynamic`) ?? 0n)
      totals = grown(totals, [...most.slice(1), (most[0] ?? 0n) + (disk.ceilings.get(PART) ?? 0n)])
      totals = grown(totals, most)
      shown.flushed(totals, new Map())
      assert.deepEqual(shown.of(totals), totals)
    }),
    { numRuns: runs(200) },
  )
})

test('what a tenant was shown to use beyond the truth stands for as long as it uses nothing, and grows no further', () => {
  let shown = new ShownTotals(BigInt(FLUSH_S) * NS_PER_S, null)
  let totals: Totals = new Map()
  for (let second = 0; second <= 60; second++) {
    totals = grown(totals, [100n, 7n, 0n])
    if (second % FLUSH_S === 0) {
      const ceilings = shown.ceilingsFor(totals, BigInt(second) * NS_PER_S, false)
      shown.flushed(totals, ceilings)
      if (second === 60) shown = new ShownTotals(BigInt(FLUSH_S) * NS_PER_S, { totals, ceilings })
    }
  }
  const atCut = totals
  for (let second = 0; second < 3_600; second++) totals = grown(totals, [0n, 7n, 0n])
  shown.flushed(totals, shown.ceilingsFor(totals, 3_700n * NS_PER_S, false))
  const of = shown.of(totals)
  assert.equal(of.get('tenant/a/dynamic'), (atCut.get('tenant/a/dynamic') ?? 0n) + 2_000n, 'two flush intervals')
  assert.equal(of.get('tenant/b/dynamic'), totals.get('tenant/b/dynamic'))
  assert.equal(sumOf(of, 'tenant/') - sumOf(of, 'part/'), 2_000n)
})
