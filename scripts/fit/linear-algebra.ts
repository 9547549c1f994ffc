/** The inverse of a symmetric, positive definite matrix of `n` rows, by Cholesky's decomposition. Rows follow each other. */
export function inverse(matrix: Float64Array, n: number): Float64Array {
  const lower = cholesky(matrix, n)
  // The inverse of the lower triangle, in place of its columns.
  const inverted = new Float64Array(n * n)
  for (let column = 0; column < n; column++) {
    inverted[column * n + column] = 1 / at(lower, column * n + column)
    for (let row = column + 1; row < n; row++) {
      let sum = 0
      for (let k = column; k < row; k++) sum -= at(lower, row * n + k) * at(inverted, column * n + k)
      inverted[column * n + row] = sum / at(lower, row * n + row)
    }
  }
  const result = new Float64Array(n * n)
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = 0
      for (let k = row; k < n; k++) sum += at(inverted, row * n + k) * at(inverted, column * n + k)
      result[row * n + column] = sum
      result[column * n + row] = sum
    }
  }
  return result
}

function cholesky(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n)
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = at(matrix, row * n + column)
      for (let k = 0; k < column; k++) sum -= at(lower, row * n + k) * at(lower, column * n + k)
      if (row === column && sum <= 0) throw new RangeError('expected a positive definite matrix')
      lower[row * n + column] = row === column ? Math.sqrt(sum) : sum / at(lower, column * n + column)
    }
  }
  return lower
}

/** Solves `matrix · x = right` for a few unknowns. */
export function solve(matrix: Float64Array, n: number, right: readonly number[]): readonly number[] {
  const inverted = inverse(matrix, n)
  return Array.from({ length: n }, (_, row) =>
    right.reduce((sum, value, column) => sum + at(inverted, row * n + column) * value, 0),
  )
}

const at = (list: Float64Array, index: number): number => list[index] as number
