import assert from 'node:assert/strict'
import { parseDecimal, wholeParts } from '../../../src/sensors/decimal.ts'
import type { FuzzTarget } from '../target.ts'

const MICRO = 1_000_000n

/** Numbers that other programs write: nothing, or an exact value that is near what JavaScript makes of the same text. */
export const numberFile: FuzzTarget = {
  name: 'number-file',
  tokens: ['123.45', '-', '+', '.', 'e-3', 'E2', ' ', '0x1f', 'NaN', '1,5', '000', '99999999999999999999'],
  run(input) {
    const text = input.toString('latin1')
    const number = parseDecimal(text)
    if (number === null) return
    const meant = Number(text)
    const shown = Number(`${number.digits}e${-number.decimals}`)
    assert.ok(shown === meant || Math.abs(shown - meant) <= Math.abs(meant) * 1e-15, `${shown} is not ${meant}`)
    const micro = wholeParts(number, MICRO)
    // No more than the number, and less by no more than one part.
    const scale = 10n ** BigInt(number.decimals)
    const restOfParts = number.digits * MICRO - micro * scale
    assert.ok(restOfParts > -scale && restOfParts < scale)
  },
}
