/**
 * Divides `whole` in proportion to `weights`, none negative, by largest remainder: the parts are whole and sum to it exactly.
 * Of equal remainders the earlier is served first. All zero without a weight, when nothing is shared out.
 */
export function shareOut(whole: bigint, weights: readonly bigint[]): bigint[] {
  let sum = 0n
  weights.forEach((weight) => {
    if (weight !== 0n) sum += weight
  })
  if (sum === 0n || whole === 0n) return weights.map(() => 0n)
  let left = whole
  const parts = weights.map((weight) => {
    if (weight === 0n) return 0n
    const part = (whole * weight) / sum
    left -= part
    return part
  })
  if (left === 0n) return parts
  const remainders = Float64Array.from(weights, (weight, index) => Number(whole * weight - (parts[index] ?? 0n) * sum))
  for (const index of largest(remainders, Number(left))) parts[index] = (parts[index] ?? 0n) + 1n
  return parts
}

/** Largest whole of `shareOutWhole`: 10¹⁵ µJ are a gigajoule. */
export const MOST_WHOLE = 1e15

/**
 * The same in floating point, and in a tenth of the time: `whole` is a whole number up to MOST_WHOLE. A quotient that is
 * rounded across a whole number is set right with the remainders, so that here too the sum is exact.
 */
export function shareOutWhole(whole: number, weights: readonly number[]): Float64Array {
  const quotients = new Float64Array(weights.length)
  let sum = 0
  for (let index = 0; index < weights.length; index++) sum += weights[index] ?? 0
  if (sum === 0 || whole === 0) return quotients
  for (let index = 0; index < quotients.length; index++) quotients[index] = ((weights[index] ?? 0) / sum) * whole
  return rounded(quotients, whole)
}

/**
 * The same again and again for the same takers, whose weights are above zero: what rounding has taken from one of them, or
 * given to it, is in `owed`, and made good by the next division. So the sums of many are in proportion too.
 */
export function shareOutOwing(whole: number, weights: readonly number[], owed: Float64Array): Float64Array {
  let [sum, owedSum] = [0, 0]
  for (let index = 0; index < owed.length; index++) {
    sum += weights[index] ?? 0
    owedSum += owed[index] ?? 0
  }
  // What those who are not there any more are owed, or owe, is everybody's.
  const shared = owedSum / owed.length
  const quotients = new Float64Array(owed.length)
  for (let index = 0; index < owed.length; index++) {
    quotients[index] = ((weights[index] ?? 0) / sum) * whole + (owed[index] ?? 0) - shared
  }
  const parts = rounded(quotients, whole)
  for (let index = 0; index < owed.length; index++) owed[index] = (quotients[index] ?? 0) - (parts[index] ?? 0)
  return parts
}

/** Whole parts that sum to `whole`, as the quotients do. */
function rounded(quotients: Float64Array, whole: number): Float64Array {
  const parts = new Float64Array(quotients.length)
  const remainders = new Float64Array(quotients.length)
  let left = whole
  for (let index = 0; index < parts.length; index++) {
    const quotient = quotients[index] ?? 0
    const part = Math.max(Math.floor(quotient), 0)
    parts[index] = part
    // Of one that gets nothing there is nothing to take back, and nothing is owed to one without a weight.
    remainders[index] = quotient === 0 ? -1 : quotient - part
    left -= part
  }
  if (left > 0) for (const index of largest(remainders, left)) parts[index] = (parts[index] ?? 0) + 1
  for (let index = 0; left < 0; index = (index + 1) % parts.length) {
    if ((parts[index] ?? 0) < 1) continue
    parts[index] = (parts[index] ?? 0) - 1
    left++
  }
  return parts
}

/** Places of the `count` largest values, of equal ones the first. A typed array sorts by itself what callbacks would. */
function largest(values: Float64Array, count: number): number[] {
  const sorted = values.toSorted()
  const least = sorted[sorted.length - count] ?? 0
  let ties = count - sorted.length
  for (let index = 0; index < sorted.length && (sorted[index] ?? 0) <= least; index++) ties++
  const places: number[] = []
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0
    if (value > least || (value === least && ties-- > 0)) places.push(index)
  }
  return places
}
