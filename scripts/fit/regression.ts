import { type Covariance, covariance } from '../../src/sensors/estimate/covariance.ts'
import type { Features } from '../../src/sensors/estimate/features.ts'
import { inverse, solve } from './linear-algebra.ts'

/** The weights of measured machines, for each thing that was measured of them, and what they are without some. */
export class Regression {
  readonly means: readonly number[]
  /** By machine, then by thing. */
  readonly weights: readonly (readonly number[])[]
  readonly #inverse: Float64Array
  readonly #size: number

  /** @param measured by machine, then by thing */
  constructor(of: Covariance, noise: number, machines: readonly Features[], measured: readonly (readonly number[])[]) {
    const n = machines.length
    this.#size = n
    const matrix = new Float64Array(n * n)
    for (const [row, machine] of machines.entries()) {
      for (let column = 0; column <= row; column++) {
        const value = covariance(of, machine, machines[column] ?? machine)
        matrix[row * n + column] = value
        matrix[column * n + row] = value
      }
      matrix[row * n + row] = (matrix[row * n + row] ?? 0) + noise
    }
    this.#inverse = inverse(matrix, n)
    const things = measured[0]?.length ?? 0
    this.means = Array.from({ length: things }, (_, thing) => mean(measured.map((values) => values[thing] ?? 0)))
    this.weights = machines.map((_, row) =>
      this.means.map((centre, thing) =>
        measured.reduce((sum, values, column) => sum + this.#at(row, column) * ((values[thing] ?? 0) - centre), 0),
      ),
    )
  }

  /**
   * The weights as if some machines had never been measured. By the inverse of a partitioned matrix: nothing is fitted anew.
   * Their own are zero then.
   */
  without(left: readonly number[]): readonly (readonly number[])[] {
    const k = left.length
    const block = new Float64Array(k * k)
    for (const [row, a] of left.entries())
      for (const [column, b] of left.entries()) block[row * k + column] = this.#at(a, b)
    const things = this.means.map((_, thing) =>
      solve(
        block,
        k,
        left.map((index) => this.weights[index]?.[thing] ?? 0),
      ),
    )
    const gone = new Set(left)
    return this.weights.map((own, row) =>
      own.map((weight, thing) => {
        if (gone.has(row)) return 0
        return left.reduce((sum, index, at) => sum - this.#at(row, index) * (things[thing]?.[at] ?? 0), weight)
      }),
    )
  }

  #at(row: number, column: number): number {
    return this.#inverse[row * this.#size + column] as number
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
