/** What is believed of a coefficient before anything is learned: mean and standard deviation. */
export interface Prior {
  readonly mean: number
  readonly sd: number
}

/** Residuals beyond so many standard deviations count for less (Huber). */
const HUBER_Z = 2

/**
 * Linear least squares, one row after the other, from a prior. It forgets nothing, since what idle hours do not tell would
 * be forgotten first: `loosen` says what may have changed. Variances never exceed the prior's.
 */
export class Regression {
  readonly #priors: readonly Prior[]
  readonly #means: Float64Array
  /** Rows follow each other. */
  readonly #covariance: Float64Array
  readonly #gain: Float64Array

  constructor(priors: readonly Prior[]) {
    const n = priors.length
    this.#priors = priors
    this.#means = new Float64Array(n)
    this.#covariance = new Float64Array(n * n)
    this.#gain = new Float64Array(n)
    this.reset()
  }

  /** Forgets everything. */
  reset(): void {
    this.#covariance.fill(0)
    for (const [index, { mean, sd }] of this.#priors.entries()) {
      this.#means[index] = mean
      this.#covariance[index * (this.#priors.length + 1)] = sd * sd
    }
  }

  get means(): readonly number[] {
    return [...this.#means]
  }

  predict(features: readonly number[]): number {
    let sum = 0
    for (const [index, feature] of features.entries()) sum += feature * at(this.#means, index)
    return sum
  }

  /** Variance of a prediction, without the noise of what would be measured. */
  variance(features: readonly number[]): number {
    this.#project(features)
    let sum = 0
    for (const [index, feature] of features.entries()) sum += feature * at(this.#gain, index)
    return Math.max(sum, 0)
  }

  /** @param noise standard deviation of `measured` */
  learn(features: readonly number[], measured: number, noise: number): void {
    const n = this.#means.length
    const variance = this.variance(features)
    const error = measured - this.predict(features)
    const z = Math.abs(error) / Math.sqrt(variance + noise * noise)
    const total = variance + noise * noise * Math.max(z / HUBER_Z, 1)
    for (let row = 0; row < n; row++) {
      const gain = at(this.#gain, row)
      this.#means[row] = at(this.#means, row) + (gain * error) / total
      for (let column = 0; column <= row; column++) {
        const value = at(this.#covariance, row * n + column) - (gain * at(this.#gain, column)) / total
        this.#covariance[row * n + column] = value
        this.#covariance[column * n + row] = value
      }
    }
    // Rounding must not make a variance negative.
    for (let row = 0; row < n; row++)
      this.#covariance[row * (n + 1)] = Math.max(at(this.#covariance, row * (n + 1)), 1e-12)
  }

  /** Adds variances, one for each coefficient. */
  loosen(variances: readonly number[]): void {
    for (const [index, { sd }] of this.#priors.entries()) {
      const place = index * (this.#priors.length + 1)
      const room = Math.max(sd * sd - at(this.#covariance, place), 0)
      this.#covariance[place] = at(this.#covariance, place) + Math.min(variances[index] ?? 0, room)
    }
  }

  /** Means, then the lower triangle of the covariance. */
  get state(): readonly number[] {
    const n = this.#means.length
    const lower = Array.from(this.#means, (_, row) => [...this.#covariance.slice(row * n, row * n + row + 1)])
    return [...this.#means, ...lower.flat()]
  }

  /** False, and nothing changed, where it is no state of such a regression. */
  restore(state: readonly unknown[]): boolean {
    const n = this.#means.length
    if (state.length !== n + (n * (n + 1)) / 2 || !state.every((value) => Number.isFinite(value))) return false
    const values = state as readonly number[]
    let next = n
    for (let row = 0; row < n; row++) {
      this.#means[row] = values[row] ?? 0
      for (let column = 0; column <= row; column++) {
        const value = values[next++] ?? 0
        this.#covariance[row * n + column] = value
        this.#covariance[column * n + row] = value
      }
    }
    return true
  }

  /** Covariance times features, into `#gain`. */
  #project(features: readonly number[]): void {
    const n = this.#means.length
    for (let row = 0; row < n; row++) {
      let sum = 0
      for (let column = 0; column < n; column++) sum += at(this.#covariance, row * n + column) * (features[column] ?? 0)
      this.#gain[row] = sum
    }
  }
}

const at = (list: Float64Array, index: number): number => list[index] as number
