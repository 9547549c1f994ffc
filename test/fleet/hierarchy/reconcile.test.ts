import assert from 'node:assert/strict'
import { test } from 'node:test'
import { solve } from '../../../scripts/fit/linear-algebra.ts'
import { type Piece, type Reconciled, reconcile } from '../../../src/fleet/account/reconcile.ts'
import fc, { runs } from '../../property.ts'

const leaf = (powerW: number, sdW: number, sharedSdW = 0): Piece => ({ name: 'leaf', powerW, sdW, sharedSdW })

test('a meter and the sum within it meet by their variances, and the parts give way by theirs', () => {
  const { powerW, sdW, adjustmentW, children } = reconcile({
    name: 'rack',
    powerW: 1100,
    sdW: 5,
    children: [leaf(600, 3), leaf(400, 4)],
  })
  // The sum is 1000 W with a variance of 25 W² as well: half of the difference each, and 9 to 16 of it by part.
  assert.equal(powerW, 1050)
  assert.ok(Math.abs(sdW - Math.sqrt(12.5)) < 1e-9)
  assert.equal(adjustmentW, -50)
  assert.deepEqual(
    children.map((child) => [child.powerW, child.adjustmentW]),
    [
      [618, 18],
      [432, 32],
    ],
  )
})

test('without a meter nothing moves, and what is shared adds up linearly', () => {
  const { powerW, sdW, children } = reconcile({
    name: 'room',
    powerW: null,
    sdW: 0,
    children: [leaf(50, 3, 10), leaf(70, 4, 20)],
  })
  assert.equal(powerW, 120)
  assert.ok(Math.abs(sdW - Math.sqrt(9 + 16 + 30 ** 2)) < 1e-9)
  assert.deepEqual(
    children.map((child) => child.powerW),
    [50, 70],
  )
})

test('figures without any doubt stay, and their parts share what cannot be', () => {
  const { powerW, children } = reconcile({ name: 'rack', powerW: 90, sdW: 0, children: [leaf(40, 0), leaf(40, 0)] })
  assert.equal(powerW, 85)
  assert.deepEqual(
    children.map((child) => child.powerW),
    [42.5, 42.5],
  )
})

const figure = fc.tuple(fc.double({ min: 1, max: 1e6, noNaN: true }), fc.double({ min: 0.1, max: 1e3, noNaN: true }))
const rack = fc.tuple(
  fc.option(figure),
  fc.array(fc.tuple(figure, fc.double({ min: 0, max: 100, noNaN: true })), { minLength: 1, maxLength: 4 }),
)
const rooms = fc.tuple(fc.option(figure), fc.array(rack, { minLength: 1, maxLength: 3 }))

test('sums hold at every level, and it is least squares with all variances and covariances', () => {
  fc.assert(
    fc.property(rooms, ([meter, racks]) => {
      const piece = pieceOf(
        'room',
        meter,
        racks.map(([own, leaves]) =>
          pieceOf(
            'rack',
            own,
            leaves.map(([[w, sd], shared]) => leaf(w, sd, shared)),
          ),
        ),
      )
      const result = reconcile(piece)
      const check = ({ powerW, children }: Reconciled): void => {
        if (children.length === 0) return
        assert.ok(
          Math.abs(children.reduce((sum, child) => sum + child.powerW, 0) - powerW) <=
            1e-6 * Math.max(1, Math.abs(powerW)),
        )
        children.forEach(check)
      }
      check(result)
      if (racks.length > 1 || meter === null || racks[0]?.[0] !== null) return
      // One meter around leaves of one rack: x − W Aᵀ (A W Aᵀ)⁻¹ A x, with what leaves share in W.
      const leaves = racks[0]?.[1] ?? []
      const shared = leaves.map(([, one]) => one)
      const toSum = leaves.map(
        ([[, sd]], index) => sd ** 2 + (shared[index] ?? 0) * shared.reduce((sum, one) => sum + one, 0),
      )
      const variance = toSum.reduce((sum, one) => sum + one, 0) + meter[1] ** 2
      const off = meter[0] - leaves.reduce((sum, [[w]]) => sum + w, 0)
      const found = result.children[0]?.children.map(({ powerW }) => powerW) ?? []
      const [gain = 0] = solve(Float64Array.of(variance), 1, [off])
      for (const [index, [[w]]] of leaves.entries())
        assert.ok(
          Math.abs((found[index] ?? 0) - (w + (toSum[index] ?? 0) * gain)) <= 1e-6 * Math.max(1, Math.abs(off) + w),
        )
    }),
    { seed: 13, numRuns: runs(300) },
  )
})

function pieceOf(name: string, meter: readonly [number, number] | null, children: readonly Piece[]): Piece {
  return { name, powerW: meter?.[0] ?? null, sdW: meter?.[1] ?? 0, children }
}
