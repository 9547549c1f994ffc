import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decimalsFor, decimalText, shownColumn } from '../../src/report/digits.ts'
import fc from '../property.ts'

const amounts = fc.array(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), { maxLength: 40 })
const decimals = fc.integer({ min: 0, max: 6 })
const digitsOf = (text: string) => BigInt(text.replace('.', ''))

test('shown rows add up to the shown total, and none is off by a digit or more', () => {
  fc.assert(
    fc.property(amounts, fc.bigInt({ min: 1n, max: 10n ** 13n }), decimals, (rows, unit, digits) => {
      const total = rows.reduce((sum, row) => sum + row, 0n)
      const shown = shownColumn(rows, total, unit, digits)
      assert.equal(
        shown.rows.reduce((sum, text) => sum + digitsOf(text ?? ''), 0n),
        digitsOf(shown.total ?? ''),
      )
      for (const [index, row] of rows.entries()) {
        const off = digitsOf(shown.rows[index] ?? '') * unit - row * 10n ** BigInt(digits)
        assert.ok(off > -unit && off < unit)
      }
    }),
  )
})

test('what is not known is null, and does not round the others to a sum', () => {
  assert.deepEqual(shownColumn([5n, null, 5n], 10n, 10n, 0), { rows: ['1', null, '0'], total: '1' })
  assert.deepEqual(shownColumn([5n, null, 5n], null, 10n, 0), { rows: ['1', null, '1'], total: null })
  assert.deepEqual(shownColumn([], 0n, 10n, 2), { rows: [], total: '0.00' })
})

test('decimals by size: five digits of it, and not more than eight', () => {
  assert.deepEqual(
    [100n, 10n, 1n, 160n].map((total) => decimalsFor(total, 1_000n)),
    [5, 6, 7, 5],
  )
  assert.equal(decimalsFor(1n, 10n ** 12n), 8)
  assert.deepEqual(
    [0n, 3n, 1_234n, 12_345_678n, -50_000n].map((total) => decimalsFor(total, 1n)),
    [4, 4, 2, 2, 2],
  )
  assert.deepEqual([decimalText(-1_234n, 2), decimalText(5n, 3), decimalText(-5n, 0)], ['-12.34', '0.005', '-5'])
})
