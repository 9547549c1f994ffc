import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MOST_WHOLE, shareOut, shareOutOwing, shareOutWhole } from '../../src/model/share.ts'
import fc, { runs } from '../property.ts'

const weight = fc.oneof(fc.constant(0), fc.nat(3), fc.double({ min: 0, max: 1e18, noNaN: true }))
const weights = fc.array(weight, { maxLength: 60 })
const whole = fc.oneof(fc.nat(20), fc.integer({ min: 0, max: MOST_WHOLE }), fc.constant(MOST_WHOLE))

test('shares in floating point are whole, none is negative, and they sum to the whole', () => {
  fc.assert(
    fc.property(whole, weights, (whole, weights) => {
      const parts = shareOutWhole(whole, weights)
      const isAnyWeight = weights.some((one) => one > 0)
      assert.equal(
        parts.reduce((sum, part) => sum + part, 0),
        isAnyWeight ? whole : 0,
      )
      const sum = weights.reduce((total, one) => total + one, 0)
      for (const [index, part] of parts.entries()) {
        const one = weights[index] ?? 0
        assert.ok(part >= 0 && Number.isSafeInteger(part))
        if (one === 0) assert.equal(part, 0)
        else assert.ok(Math.abs(part - (one / sum) * whole) <= 1.5, `${part} for ${one} of ${sum}`)
      }
    }),
    { numRuns: runs(2_000) },
  )
})

test('whoever is owed a part of one gets it in time, also where others come and go, and each division is exact', () => {
  const shares = fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 12 })
  const wholes = fc.array(fc.nat(40), { maxLength: 60 })
  fc.assert(
    fc.property(shares, wholes, fc.array(fc.double({ min: -1, max: 1, noNaN: true })), (weights, wholes, before) => {
      const owed = Float64Array.from(weights, (_, index) => before[index] ?? 0)
      const got = weights.map(() => 0)
      for (const whole of wholes) {
        const parts = shareOutOwing(whole, weights, owed)
        assert.equal(
          parts.reduce((sum, part) => sum + part, 0),
          whole,
        )
        for (const [index, part] of parts.entries()) {
          assert.ok(part >= 0 && Number.isSafeInteger(part))
          got[index] = (got[index] ?? 0) + part
        }
      }
      const sum = weights.reduce((total, one) => total + one, 0)
      const whole = wholes.reduce((total, one) => total + one, 0)
      for (const [index, weight] of weights.entries()) {
        const wantsMore = (weight / sum) * whole - (got[index] ?? 0)
        assert.ok(Math.abs(wantsMore) <= weights.length, `${weight} of ${sum} lacks ${wantsMore} of ${whole}`)
      }
    }),
    { numRuns: runs(2_000) },
  )
  const owed = new Float64Array(3)
  const sums = [0, 0, 0]
  for (let second = 0; second < 1_000; second++) {
    for (const [index, part] of shareOutOwing(1, [0.8, 0.199, 0.001], owed).entries())
      sums[index] = (sums[index] ?? 0) + part
  }
  assert.deepEqual(sums, [800, 199, 1])
})

test('they are those of whole numbers, to one', () => {
  const small = fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(fc.nat(2 ** 30), small, (whole, weights) => {
      const exact = shareOut(BigInt(whole), weights.map(BigInt))
      for (const [index, part] of shareOutWhole(whole, weights).entries())
        assert.ok(Math.abs(part - Number(exact[index])) <= 1)
    }),
    { numRuns: runs(2_000) },
  )
})

test('the largest remainders are served, of equal ones the first', () => {
  assert.deepEqual(shareOut(10n, [1n, 1n, 1n]), [4n, 3n, 3n])
  assert.deepEqual([...shareOutWhole(10, [1, 1, 1])], [4, 3, 3])
  assert.deepEqual(shareOut(5n, [1n, 5n, 0n, 4n]), [1n, 2n, 0n, 2n])
  assert.deepEqual([...shareOutWhole(5, [1, 5, 0, 4])], [1, 2, 0, 2])
})
