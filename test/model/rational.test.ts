import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decimal, productOf, type Rational, reduced, sumOf } from '../../src/model/rational.ts'
import fc from '../property.ts'

const ratio = fc.record({
  numerator: fc.bigInt({ min: 1n, max: 10n ** 30n }),
  denominator: fc.bigInt({ min: 1n, max: 10n ** 30n }),
})
const areEqual = (a: Rational, b: Rational): boolean => a.numerator * b.denominator === b.numerator * a.denominator

test('a decimal is exact on both sides of the point', () => {
  assert.deepEqual(decimal(23n, 2), { numerator: 2_300n, denominator: 1n })
  assert.deepEqual(decimal(-23n, 0), { numerator: -23n, denominator: 1n })
  assert.deepEqual(decimal(23n, -2), { numerator: 23n, denominator: 100n })
})

test('sums and products are exact, and of each other what they should be', () => {
  assert.deepEqual(sumOf(decimal(5n, -1), decimal(1n, 0)), { numerator: 15n, denominator: 10n })
  fc.assert(
    fc.property(ratio, ratio, ratio, (a, b, c) => {
      const [left, right] = [productOf(a, sumOf(b, c)), sumOf(productOf(a, b), productOf(a, c))]
      assert.ok(areEqual(left, right) && !areEqual(left, sumOf(right, c)))
    }),
  )
})

test('a reduced ratio is the same in the smallest numbers', () => {
  assert.deepEqual(reduced({ numerator: 1_000_000n, denominator: 1n << 32n }), {
    numerator: 15_625n,
    denominator: 67_108_864n,
  })
  fc.assert(
    fc.property(ratio, fc.bigInt({ min: 1n, max: 10n ** 12n }), (one, factor) => {
      const small = reduced({ numerator: one.numerator * factor, denominator: one.denominator * factor })
      assert.deepEqual(small, reduced(one))
      assert.ok(areEqual(small, one))
    }),
  )
})
