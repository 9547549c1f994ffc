import { type Features, featuresOf } from '../../src/sensors/estimate/features.ts'
import { logWatts, type WallModel, type Weights } from '../../src/sensors/estimate/wall-model.ts'
import { COVARIANCE, NOISE } from './constants.ts'
import { Regression } from './regression.ts'
import type { Row } from './rows.ts'

/** The model of rows, and the model of them without some. */
export class Fit {
  readonly rows: readonly Row[]
  readonly features: readonly Features[]
  readonly model: WallModel
  readonly weights: readonly Weights[]
  readonly #ends: Regression
  readonly #between: Regression
  /** Rows that were measured between idle and full load, in the order of `#between`. */
  readonly #curves: readonly number[]

  constructor(rows: readonly Row[]) {
    this.rows = rows
    this.features = rows.map(({ platform }) => featuresOf(platform))
    const logs = rows.map(({ loadsW }) => loadsW.map((watts) => (watts === null ? Number.NaN : Math.log(watts))))
    this.#ends = new Regression(
      COVARIANCE,
      NOISE.ends,
      this.features,
      logs.map(([idle = 0, ...others]) => [others[9] ?? 0, idle - (others[9] ?? 0)]),
    )
    this.#curves = rows.flatMap(({ loadsW }, index) => (loadsW.includes(null) ? [] : index))
    const curves = this.#curves.map((index) => logs[index] ?? [])
    const way = wayOf(curves)
    this.#between = new Regression(
      COVARIANCE,
      NOISE.between,
      this.#curves.flatMap((index) => this.features[index] ?? []),
      curves.map((curve) => offWay(curve, way)),
    )
    const [full = 0, idle = 0] = this.#ends.means
    this.model = { covariance: COVARIANCE, means: { full, idle, between: this.#between.means }, way }
    this.weights = this.#weightsOf(this.#ends.weights, this.#between.weights)
  }

  /** As if these rows had never been measured. */
  without(rows: readonly number[]): readonly Weights[] {
    const curves = rows.flatMap((row) => {
      const index = this.#curves.indexOf(row)
      return index === -1 ? [] : index
    })
    return this.#weightsOf(this.#ends.without(rows), this.#between.without(curves))
  }

  /** Natural logarithms of W at each level. */
  predict(machine: Features, weights: readonly Weights[]): readonly number[] {
    return logWatts(this.model, machine, this.features, weights)
  }

  #weightsOf(ends: Matrix, between: Matrix): readonly Weights[] {
    const byRow = new Map(this.#curves.map((row, index) => [row, between[index] ?? null]))
    return this.rows.map((_, row) => ({
      full: ends[row]?.[0] ?? 0,
      idle: ends[row]?.[1] ?? 0,
      between: byRow.get(row) ?? null,
    }))
  }
}

type Matrix = readonly (readonly number[])[]

/** The part of the way from idle to full load that is usual at 10, ..., 90 %, by least squares. */
function wayOf(curves: Matrix): readonly number[] {
  return Array.from({ length: 9 }, (_, index) => {
    let [shared, squares] = [0, 0]
    for (const curve of curves) {
      const [idle = 0, full = 0, here = 0] = [curve[0], curve[10], curve[index + 1]]
      shared += (full - idle) * (here - idle)
      squares += (full - idle) ** 2
    }
    return Math.round((shared / squares) * 1e4) / 1e4
  })
}

function offWay(curve: readonly number[], way: readonly number[]): readonly number[] {
  const [idle = 0, full = 0] = [curve[0], curve[10]]
  return way.map((part, index) => (curve[index + 1] ?? 0) - idle - part * (full - idle))
}
