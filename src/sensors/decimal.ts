/** An exact decimal number: `digits` divided by ten to the power of `decimals`. */
export interface Decimal {
  readonly digits: bigint
  readonly decimals: number
}

/** A sign, a decimal point and an exponent are all as programs print them. Longer ones measure nothing. */
const NUMBER = /^([+-]?)(?=\.?\d)(\d{0,30})(?:\.(\d{0,30}))?(?:[eE]([+-]?\d{1,3}))?$/

/** Reads a number such as `123.45` or `-1.5e-3`, with blanks around it; null for anything else. */
export function parseDecimal(text: string): Decimal | null {
  const [, sign, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text.trim()) ?? []
  if (sign === undefined) return null
  const digits = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`)
  const decimals = fraction.length - Number(exponent)
  return decimals < 0 ? { digits: digits * 10n ** BigInt(-decimals), decimals: 0 } : { digits, decimals }
}

/** Whole parts of `1 / parts` in a number, a broken one left out: a hundredth of 1.239 is in it 123 times. */
export function wholeParts({ digits, decimals }: Decimal, parts: bigint): bigint {
  return (digits * parts) / 10n ** BigInt(decimals)
}
