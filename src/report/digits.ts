const LEAST_DECIMALS = 2
export const MOST_DECIMALS = 8

/** Decimals that show an amount of so many `unit`s with five digits or more. */
export function decimalsFor(total: bigint, unit: bigint): number {
  const size = total < 0n ? -total : total
  const digits = (size / unit).toString().length
  if (size >= unit || size === 0n) return Math.max(LEAST_DECIMALS, 5 - digits)
  let decimals = 4
  for (let scaled = size; scaled < unit && decimals < MOST_DECIMALS; scaled *= 10n) decimals += 1
  return decimals
}

/**
 * A column whose rows add up to its total in the digits that are shown, by largest remainder: the total is rounded, the rows
 * are rounded down, and those that lost most get the last digit back. Null is what is not known. Rows that do not
 * add up to the total as they are (one is not known) are rounded each for itself.
 */
export function shownColumn(rows: readonly (bigint | null)[], total: bigint | null, unit: bigint, decimals: number) {
  const step = (value: bigint) => stepsOf(value, unit, decimals)
  const rounded = (value: bigint) => roundedTo(value, unit, decimals)
  const text = (value: bigint | null) => (value === null ? null : decimalText(value, decimals))
  const sum = rows.reduce<bigint>((all, value) => all + (value ?? 0n), 0n)
  const shownTotal = total === null ? null : rounded(total)
  if (total === null || shownTotal === null || sum !== total) {
    return { rows: rows.map((value) => text(value === null ? null : rounded(value))), total: text(shownTotal) }
  }
  const steps = rows.map((value) => step(value ?? 0n))
  const order = steps.map((_, index) => index).filter((index) => rows[index] !== null)
  order.sort((a, b) => compare(steps[b]?.[1] ?? 0n, steps[a]?.[1] ?? 0n) || a - b)
  const left = Number(shownTotal - steps.reduce((all, [whole]) => all + whole, 0n))
  const served = new Set(order.slice(0, left))
  return {
    rows: rows.map((value, index) =>
      text(value === null ? null : (steps[index]?.[0] ?? 0n) + (served.has(index) ? 1n : 0n)),
    ),
    total: text(shownTotal),
  }
}

/** Whole steps of the last decimal, down, and what is left. */
function stepsOf(value: bigint, unit: bigint, decimals: number): [steps: bigint, rest: bigint] {
  const scaled = value * 10n ** BigInt(decimals)
  const rest = ((scaled % unit) + unit) % unit
  return [(scaled - rest) / unit, rest]
}

/** In steps of the last decimal, half of one up. */
export function roundedTo(value: bigint, unit: bigint, decimals: number): bigint {
  const [steps, rest] = stepsOf(value, unit, decimals)
  return 2n * rest >= unit ? steps + 1n : steps
}

function compare(a: bigint, b: bigint): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/** `decimalText(-1234n, 2)` is -12.34. */
export function decimalText(value: bigint, decimals: number): string {
  const sign = value < 0n ? '-' : ''
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0')
  return decimals === 0 ? sign + digits : `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}

/** Null as `–`. */
export function fixed(value: number | null, decimals: number, unit = ''): string {
  return value === null ? NONE : `${value.toFixed(decimals)}${unit}`
}

/** What is not known, or not to be had. */
export const NONE = '–'
