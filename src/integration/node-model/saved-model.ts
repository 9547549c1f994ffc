import type { Levels } from './levels.ts'
import type { Timing } from './timing.ts'

const VERSION = 1

/** All that a model has learned. */
export interface SavedModel {
  readonly regression: readonly number[]
  readonly errors: readonly [steady: number, step: number]
  readonly timing: Timing
  /** Rows. */
  readonly learned: number
  readonly learnedS: number
  readonly mostW: number
  readonly levels: Levels['state']
}

export function textOf(model: SavedModel): string {
  return JSON.stringify({ version: VERSION, ...model })
}

/** Null where the text is of another version, or damaged. */
export function parseModel(text: string): SavedModel | null {
  try {
    const { version, ...model } = JSON.parse(text)
    const { regression, errors, timing, learned, learnedS, mostW, levels } = model
    const numbers = [errors[0], errors[1], timing.delayS, timing.windowS, learned, learnedS, mostW, ...levels.flat()]
    const isWhole = version === VERSION && Array.isArray(regression)
    return isWhole && numbers.every((value) => Number.isFinite(value) && value >= 0) ? model : null
  } catch {
    return null
  }
}
