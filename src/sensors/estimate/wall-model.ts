import { type Covariance, covariance } from './covariance.ts'
import type { Features } from './features.ts'

/*
 * The power of a whole machine at 0, 10, ..., 100 % of its throughput, by Gaussian-process regression on servers that were
 * measured (Rasmussen & Williams, 2006, algorithm 2.1), in three parts, each in logarithms: full load, idle over full load,
 * and how far each level between lies off the way from the one to the other.
 */

export const LEVELS = 11

export interface WallModel {
  readonly covariance: Covariance
  /** Of the measured machines: full load, idle over full load, and each level between off its way. */
  readonly means: { readonly full: number; readonly idle: number; readonly between: readonly number[] }
  /** How much of the way from idle to full load is usual at 10, ..., 90 %. */
  readonly way: readonly number[]
}

/** What one measured machine adds to each part; `between` is null where nothing was measured there. */
export interface Weights {
  readonly full: number
  readonly idle: number
  readonly between: readonly number[] | null
}

/** Natural logarithms of W at each level. */
export function logWatts(
  model: WallModel,
  machine: Features,
  measured: readonly Features[],
  weights: readonly Weights[],
): readonly number[] {
  let { full, idle: ratio } = model.means
  const between = [...model.means.between]
  for (let index = 0; index < measured.length; index++) {
    const weight = weights[index]
    const other = measured[index]
    if (weight === undefined || other === undefined) continue
    const shared = covariance(model.covariance, machine, other)
    full += weight.full * shared
    ratio += weight.idle * shared
    weight.between?.forEach((part, level) => {
      between[level] = (between[level] ?? 0) + part * shared
    })
  }
  const idle = full + ratio
  const middle = between.map((off, level) => idle - ratio * (model.way[level] ?? 0) + off)
  return [idle, ...middle, full]
}
