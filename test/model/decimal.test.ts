import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDecimal, wholeParts } from '../../src/model/decimal.ts'
import fc from '../property.ts'

test('numbers as programs print them', () => {
  for (const [text, digits, decimals] of [
    ['123.45', 12_345n, 2],
    ['-0.5', -5n, 1],
    ['+7', 7n, 0],
    ['.25', 25n, 2],
    ['3.', 3n, 0],
    [' 42\r', 42n, 0],
    ['1.5e-3', 15n, 4],
    ['1.2345E+2', 12_345n, 2],
    ['2e6', 2_000_000n, 0],
    ['-0', 0n, 0],
  ] as const) {
    assert.deepEqual(parseDecimal(text), { digits, decimals }, text)
  }
})

test('anything else is no number', () => {
  for (const text of [
    '',
    '.',
    '-',
    '1,5',
    '1 W',
    '0x10',
    'NaN',
    'Infinity',
    '1e',
    'e5',
    '1e1000',
    '1.2.3',
    '--1',
    '1_000',
  ]) {
    assert.equal(parseDecimal(text), null, text)
  }
  assert.equal(parseDecimal('9'.repeat(31)), null)
})

const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 20 })

test('no digit is lost, however a number is written', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('', '-', '+'),
      digits,
      digits,
      fc.integer({ min: -20, max: 20 }),
      (sign, a, b, exponent) => {
        const number = parseDecimal(`${sign}${a}.${b}e${exponent}`)
        assert.ok(number && number.decimals >= 0)
        // Both sides, times ten to the power of 60, are whole.
        const shown = number.digits * 10n ** BigInt(60 - number.decimals)
        const meant = BigInt(a + b) * 10n ** BigInt(60 - b.length + exponent)
        assert.equal(shown, sign === '-' ? -meant : meant)
      },
    ),
  )
})

test('any number of JavaScript is read to its last digit, and no text makes it fail', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: 0, max: 1e15 }), (value) => {
      const number = parseDecimal(String(value))
      assert.ok(number)
      assert.equal(Number(`${number.digits}e${-number.decimals}`), value)
    }),
  )
  fc.assert(fc.property(fc.string(), (text) => void parseDecimal(text)))
})

test('what grows never counts down, whatever its decimals and the resolution', () => {
  const grown = fc.tuple(fc.bigInt(0n, 10n ** 15n), fc.bigInt(0n, 10n ** 6n), fc.nat(12), fc.nat(12), fc.nat(12))
  fc.assert(
    fc.property(grown, ([from, by, decimals, more, resolution]) => {
      const parts = 10n ** BigInt(resolution)
      const before = wholeParts({ digits: from, decimals }, parts)
      const after = wholeParts({ digits: (from + by) * 10n ** BigInt(more), decimals: decimals + more }, parts)
      assert.ok(after >= before)
    }),
  )
})
