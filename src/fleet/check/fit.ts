export interface Fit {
  /** Of the own series. */
  readonly factor: number
  /** Share of the sum of squares that it takes away, beyond a share of the whole. */
  readonly explained: number
  readonly f: number
  readonly hours: number
}

/** Least squares of y = c × whole + factor × own, against y = c × whole. Null where they cannot be told apart. */
export function fitOne(y: Float64Array, whole: Float64Array, own: Float64Array): Fit | null {
  let [n, ww, wo, oo, wy, oy, yy] = [0, 0, 0, 0, 0, 0, 0]
  for (let at = 0; at < y.length; at++) {
    const [a, b, c] = [y[at] ?? Number.NaN, whole[at] ?? Number.NaN, own[at] ?? Number.NaN]
    if (Number.isNaN(a + b + c)) continue
    n += 1
    ww += b * b
    wo += b * c
    oo += c * c
    wy += b * a
    oy += c * a
    yy += a * a
  }
  const determinant = ww * oo - wo * wo
  // Of two series that go the same way nobody can say which one is off.
  if (n < 4 || determinant < 1e-6 * ww * oo) return null
  const factor = (ww * oy - wo * wy) / determinant
  const share = (oo * wy - wo * oy) / determinant
  const without = yy - wy ** 2 / ww
  const left = Math.max(yy - share * wy - factor * oy, 1e-12 * yy)
  return { factor, explained: 1 - left / without, f: (without - left) / (left / (n - 2)), hours: n }
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return 0
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** A series less a share of another. */
export function scaledOff(series: Float64Array, whole: Float64Array, share: number): Float64Array {
  return series.map((value, at) => value - share * (whole[at] ?? Number.NaN))
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += (a[at] ?? 0) * (b[at] ?? 0)
  return sum
}

/** Of what is known; 0 without any. */
export function meanSquare(series: Float64Array): number {
  let [sum, n] = [0, 0]
  for (const value of series) {
    if (Number.isNaN(value)) continue
    sum += value * value
    n += 1
  }
  return n === 0 ? 0 : sum / n
}
