import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Amounts } from '../../src/windows/amounts.ts'
import fc from '../property.ts'
import { coverage, ns, posting } from './booked.ts'

const SPAN = { startNs: ns(10), endNs: ns(20) }

test('however a span is cut, its pieces sum to it to the microjoule', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 5_000, max: 25_000 })), fc.nat(1e6), (cuts, uj) => {
      const whole = Amounts.of(posting(10, 20, uj / 1e6 + 0.000_001))
      const edges = [0, ...cuts.sort((a, b) => a - b), 30_000].map((ms) => ns(ms / 1e3))
      const sum = new Amounts()
      for (const [at, edge] of edges.entries()) sum.add(whole.within(SPAN, edge, edges[at + 1] ?? edge))
      assert.equal(sum.energyUj, whole.energyUj)
      assert.equal(sum.of('facility'), whole.of('facility'))
      assert.ok(Math.abs(sum.uncertaintyUj - whole.uncertaintyUj) < 1e-6)
    }),
  )
})

test('what is half known is unknown, and stays so in the ledger', () => {
  const amounts = Amounts.of(coverage(0, 10))
  assert.equal(amounts.of('market'), 0n)
  amounts.add(Amounts.of(posting(0, 10, 50)))
  const again = Amounts.fromText(amounts.toText())
  assert.equal(again.of('market'), null)
  assert.equal(again.of('location'), 500_000_000n)
  assert.equal(again.of('covered'), ns(10))
  assert.deepEqual(again.parts, [{ part: 'processors', quality: 'measured', energyUj: 500_000_000n }])
  assert.equal(again.uncertaintyUj, 2 * 0.05 * 500e6)
  assert.equal(again.toText(), amounts.toText())
})

test('what one meter says wrong adds up over time, and what two do adds in quadrature', () => {
  const amounts = new Amounts()
  for (const [factor, uj] of [
    ['rapl', 3],
    ['rapl', 3],
    ['nvml', 8],
  ] as const) {
    amounts.add(Amounts.of({ ...coverage(0, 1), uncertainty: new Map([[factor, uj]]) }))
  }
  assert.equal(amounts.uncertaintyUj, 2 * 10)
})
