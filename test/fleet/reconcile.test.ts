import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Adjustment, adjustAll, type Balance } from '../../src/fleet/account/adjust.ts'
import fc, { runs } from '../property.ts'

/** By index, in tenths of a millijoule. */
function changesOf(balances: readonly Balance[]): (Adjustment | null)[] {
  const rounded = (value: number) => Math.round(value * 1e4) / 1e4 + 0
  const all = adjustAll(balances)
  return balances.map((_, n) => {
    const one = all.get(n)
    return one === undefined
      ? null
      : { supply: rounded(one.supply), machines: rounded(one.machines), loss: rounded(one.loss) }
  })
}

const measured = (value: number, variance: number) => ({ value, variance })

test('one balance: what is off is shared by the variances', () => {
  // 100 in, 90 at the machines, 4 usually lost: 6 too much, of which each takes its part of 3 + 2 + 1.
  const [one] = changesOf([{ outer: -1, supply: measured(100, 3), machines: measured(90, 2), loss: measured(4, 1) }])
  assert.deepEqual(one, { supply: -3, machines: 2, loss: 1 })
})

test('an exact meter is not changed, and a balance that is not drawn up changes nothing by itself', () => {
  const [inner, outer] = changesOf([
    { outer: 1, supply: measured(50, 2), machines: null, loss: measured(1, 1) },
    { outer: -1, supply: measured(100, 0), machines: measured(46, 2), loss: measured(0, 0) },
  ])
  assert.deepEqual(outer, { supply: 0, machines: 2, loss: 0 })
  assert.deepEqual(inner, { supply: 2, machines: 0, loss: 0 })
})

test('whatever the tree, all balances hold afterwards, and nothing else fits better', () => {
  const entry = fc.record({
    outer: fc.nat(100),
    supply: fc.double({ min: 0, max: 1e4, noNaN: true }),
    machines: fc.double({ min: 0, max: 1e4, noNaN: true }),
    loss: fc.double({ min: 0, max: 100, noNaN: true }),
    variances: fc.tuple(...[1, 2, 3].map(() => fc.double({ min: 0.01, max: 100, noNaN: true }))),
  })
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 12 }), (entries) => {
      const last = entries.length - 1
      const balances = entries.map(
        ({ outer, supply, machines, loss, variances: [a = 1, b = 1, c = 1] }, n): Balance => ({
          outer: n === last ? -1 : n + 1 + (outer % (last - n)),
          supply: measured(supply, a),
          machines: measured(machines, b),
          loss: measured(loss, c),
        }),
      )
      const all = adjustAll(balances)
      const changes = balances.map((_, n) => all.get(n))
      const after = balances.map((balance, n) => ({
        supply: (balance.supply?.value ?? 0) + (changes[n]?.supply ?? 0),
        rest:
          (balance.machines?.value ?? 0) + (changes[n]?.machines ?? 0) + balance.loss.value + (changes[n]?.loss ?? 0),
      }))
      for (const [n, { supply, rest }] of after.entries()) {
        const inner = balances.reduce((sum, { outer }, m) => (outer === n ? sum + (after[m]?.supply ?? 0) : sum), 0)
        assert.ok(Math.abs(supply - inner - rest) < 1e-5, `${supply} ${inner} ${rest}`)
      }
      // Lagrange: changes over variances are the same for the machines and the loss of a balance.
      for (const [n, change] of changes.entries()) {
        const { machines, loss } = balances[n] as Balance
        const [a, b] = [(change?.machines ?? 0) / (machines?.variance ?? 1), (change?.loss ?? 0) / loss.variance]
        assert.ok(Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a)), `${a} ${b}`)
      }
    }),
    { numRuns: runs(200) },
  )
})
