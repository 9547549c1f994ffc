import { decimal, productOf, type Rational, sumOf } from '../../model/rational.ts'
import type { Conversion } from './sdr.ts'

const UW_EXPONENT = 6
/** Beyond 10^9 W it is no machine; and a number of floating point would no longer be whole µW. */
const LIMIT_UW = 10n ** 15n

/**
 * Whole µW of a raw byte, or null when the sensor cannot mean it: below zero, beyond any machine, or where its function
 * has no value. Exact and rounded once for the rational functions (linear, 1/x, square, cube), by integer roots for
 * square and cube root, by floating point for logarithms and exponentials.
 */
export function microwattsOf(raw: number, conversion: Conversion): bigint | null {
  const x = analogValue(raw, conversion)
  if (x === null) return null
  const { m, b, bExponent, resultExponent, linearization } = conversion
  const sum = sumOf(decimal(BigInt(m) * x, 0), decimal(BigInt(b), bExponent))
  const uw = linearized(productOf(sum, decimal(1n, resultExponent)), linearization)
  return uw !== null && uw >= 0n && uw <= LIMIT_UW ? uw : null
}

/** True for the byte at the upper end of the format: the true value lies there or anywhere above. */
export function isSaturated(raw: number, { format }: Conversion): boolean {
  return raw === (format === 'unsigned' ? 0xff : 0x7f)
}

/** The largest value that any raw byte stands for; null when none stands for one. */
export function largestMicrowatts(conversion: Conversion): bigint | null {
  let largest: bigint | null = null
  for (let raw = 0; raw < 256; raw++) {
    const uw = microwattsOf(raw, conversion)
    if (uw !== null && (largest === null || uw > largest)) largest = uw
  }
  return largest
}

function analogValue(raw: number, { format }: Conversion): bigint | null {
  if (!Number.isInteger(raw) || raw < 0 || raw > 0xff) return null
  if (format === 'unsigned' || raw < 0x80) return BigInt(raw)
  return BigInt(format === 'twos-complement' ? raw - 0x100 : raw - 0xff)
}

function linearized(y: Rational, linearization: number): bigint | null {
  const cubed = (ratio: Rational) => productOf(productOf(ratio, ratio), ratio)
  switch (linearization) {
    case 0:
      return toMicro(y)
    case 7:
      return toMicro({ numerator: y.denominator, denominator: y.numerator })
    case 8:
      return toMicro(productOf(y, y))
    case 9:
      return toMicro(cubed(y))
    case 10:
      return y.numerator < 0n ? null : root(toScaled(y, 2 * UW_EXPONENT), 2n)
    case 11:
      return y.numerator < 0n ? null : root(toScaled(y, 3 * UW_EXPONENT), 3n)
    default:
      return transcendental(Number(y.numerator) / Number(y.denominator), linearization)
  }
}

/** In the order of table 43-1: ln, log10, log2, e, exp10, exp2. */
const FUNCTIONS: readonly ((y: number) => number)[] = [
  Math.log,
  Math.log10,
  Math.log2,
  Math.exp,
  (y) => 10 ** y,
  (y) => 2 ** y,
]

function transcendental(y: number, linearization: number): bigint | null {
  const uw = (FUNCTIONS[linearization - 1]?.(y) ?? Number.NaN) * 10 ** UW_EXPONENT
  return Number.isFinite(uw) && Math.abs(uw) <= Number(LIMIT_UW) ? BigInt(Math.round(uw)) : null
}

const toMicro = (ratio: Rational): bigint | null => toScaled(ratio, UW_EXPONENT)

/** Half away from zero; null for a division by zero. */
function toScaled({ numerator, denominator }: Rational, exponent: number): bigint | null {
  if (denominator === 0n) return null
  const [top, bottom] = denominator < 0n ? [-numerator, -denominator] : [numerator, denominator]
  const doubled = 2n * top * 10n ** BigInt(exponent)
  return (doubled + (top < 0n ? -bottom : bottom)) / (2n * bottom)
}

/** The whole part of the `degree`-th root, by Newton's method from above. */
function root(value: bigint | null, degree: bigint): bigint | null {
  if (value === null || value < 2n) return value
  let guess = 1n << BigInt(Math.ceil(value.toString(2).length / Number(degree)))
  for (;;) {
    const next = ((degree - 1n) * guess + value / guess ** (degree - 1n)) / degree
    if (next >= guess) return guess
    guess = next
  }
}
