/**
 * An exact ratio of two integers, such as the µJ that one count of a register is worth. What is computed with it is not in
 * lowest terms until it is reduced.
 */
export interface Rational {
  readonly numerator: bigint
  readonly denominator: bigint
}

/** `value` × 10^`exponent`. */
export function decimal(value: bigint, exponent: number): Rational {
  return exponent >= 0
    ? { numerator: value * 10n ** BigInt(exponent), denominator: 1n }
    : { numerator: value, denominator: 10n ** BigInt(-exponent) }
}

export function sumOf(a: Rational, b: Rational): Rational {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  }
}

export function productOf(a: Rational, b: Rational): Rational {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator }
}

/** In lowest terms. Both numbers are positive. */
export function reduced({ numerator, denominator }: Rational): Rational {
  let [a, b] = [numerator, denominator]
  while (b !== 0n) [a, b] = [b, a % b]
  return { numerator: numerator / a, denominator: denominator / a }
}
