export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Standard deviation. */
export function spread(values: readonly number[]): number {
  const middle = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / values.length)
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}

/** 0 where one of the two stands still. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const spreads = spread(a) * spread(b)
  return spreads > 0 ? covariance(a, b) / spreads : 0
}

/** By how much `b` rises with `a`. */
export function slope(a: readonly number[], b: readonly number[]): number {
  return covariance(a, b) / spread(a) ** 2
}

function covariance(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)]
  return a.reduce((sum, value, index) => sum + (value - meanA) * ((b[index] ?? 0) - meanB), 0) / a.length
}
