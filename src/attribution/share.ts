/**
 * Divides `whole` in proportion to `weights`, none negative, by largest remainder: the parts are whole and sum to it exactly.
 * Of equal remainders the earlier is served first. All zero without a weight, when nothing is shared out.
 */
export function shareOut(whole: bigint, weights: readonly bigint[]): bigint[] {
  let sum = 0n
  for (const weight of weights) sum += weight
  if (sum === 0n || whole === 0n) return weights.map(() => 0n)
  const parts = weights.map((weight) => (weight === 0n ? 0n : (whole * weight) / sum))
  let left = whole
  for (const part of parts) left -= part
  if (left > 0n) serveLargest(parts, remaindersOf(whole, weights, sum, parts), Number(left))
  return parts
}

function remaindersOf(whole: bigint, weights: readonly bigint[], sum: bigint, parts: readonly bigint[]): Float64Array {
  return Float64Array.from(weights, (weight, index) => Number(whole * weight - (parts[index] ?? 0n) * sum))
}

/** Adds one to the `count` parts with the largest remainders. A typed array sorts by itself what a thousand callbacks would. */
function serveLargest(parts: bigint[], remainders: Float64Array, count: number): void {
  const sorted = remainders.toSorted()
  const least = sorted[sorted.length - count] ?? 0
  let ties = count - sorted.length
  for (const remainder of sorted) if (remainder <= least) ties++
  for (let index = 0; index < parts.length; index++) {
    const remainder = remainders[index] ?? 0
    if (remainder > least || (remainder === least && ties-- > 0)) parts[index] = (parts[index] ?? 0n) + 1n
  }
}
