/**
 * Divides `whole` in proportion to `weights`, none negative, by largest remainder: the parts are whole and sum to it exactly.
 * Of equal remainders the earlier is served first. All zero without a weight, when nothing is shared out.
 */
export function shareOut(whole: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((total, weight) => total + weight, 0n)
  if (sum === 0n) return weights.map(() => 0n)
  const parts = weights.map((weight) => (whole * weight) / sum)
  const left = Number(whole - parts.reduce((total, part) => total + part, 0n))
  const remainder = weights.map((weight) => (whole * weight) % sum)
  const order = weights.map((_, index) => index).sort((a, b) => Number((remainder[b] ?? 0n) - (remainder[a] ?? 0n)))
  for (const index of order.slice(0, left)) parts[index] = (parts[index] ?? 0n) + 1n
  return parts
}
