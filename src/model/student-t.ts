/** Two-sided 95 % for 1 to 9 degrees of freedom (GUM table G.2, column 95,00 %, to three places). */
const TABLE = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]
/** Of the normal distribution. */
const Z = 1.959964

/**
 * Student's t by which a standard deviation becomes the half-width of a 95 % interval. Above the table by Abramowitz and
 * Stegun 26.7.5, right to three places.
 */
export function studentT95(degreesOfFreedom: number): number {
  if (degreesOfFreedom < 1) return Number.POSITIVE_INFINITY
  const known = TABLE[degreesOfFreedom - 1]
  if (known !== undefined) return known
  const [n, z] = [degreesOfFreedom, Z]
  const first = (z ** 3 + z) / 4
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384
  return z + first / n + second / n ** 2 + third / n ** 3
}

/** Mean, sample standard deviation and half-width of the 95 % interval of the mean; null where one value tells none. */
export function meanOf(values: readonly number[]): {
  readonly mean: number
  readonly deviation: number | null
  readonly halfWidth: number | null
} {
  const n = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  if (n < 2) return { mean, deviation: null, halfWidth: null }
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1))
  return { mean, deviation, halfWidth: (studentT95(n - 1) * deviation) / Math.sqrt(n) }
}
