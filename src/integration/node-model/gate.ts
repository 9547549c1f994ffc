import { type Chips, sumW } from './chips.ts'
import { correlation, mean, median, slope, spread } from './statistics.ts'

/**
 * What a meter of the whole machine is not learned from: it tells less than its chips (`below chips`), far more (`unit`),
 * stands still while they move (`frozen`), or moves without them (`noise`).
 */
export type Fault = 'below chips' | 'unit' | 'frozen' | 'noise'

/** The chips have to vary by so much before they say anything of the meter: standard deviation in W. */
export const VARIED_W = 8
/** A meter's class is not better than that. */
const LEAST_OF_CHIPS = 0.95
/** A machine at rest draws some ten times its chips. */
const MOST_OF_CHIPS = 12
const MOST_BESIDE_W = 50
const LEAST_FOLLOWED = 0.1
const LEAST_CORRELATION = 0.6
const SLOPES = { least: 0.5, most: 3 }
/** Of its mean, while the chips hardly vary. */
const MOST_RESTLESS = 0.1

export function leastWholeW(chips: Chips): number {
  return LEAST_OF_CHIPS * sumW(chips)
}

export function mostWholeW(chips: Chips): number {
  return MOST_OF_CHIPS * sumW(chips) + MOST_BESIDE_W
}

/** What is wrong with a meter by a window of rows: what it told, and the chips as it saw them. Null: nothing that shows. */
export function faultOf(seen: readonly Chips[], wholeW: readonly number[]): Fault | null {
  const chipsW = seen.map(sumW)
  const middle = median(wholeW)
  if (middle < LEAST_OF_CHIPS * median(chipsW)) return 'below chips'
  if (middle > MOST_OF_CHIPS * median(chipsW) + MOST_BESIDE_W) return 'unit'
  const [chipsVaryW, wholeVariesW] = [spread(chipsW), spread(wholeW)]
  if (chipsVaryW <= VARIED_W) {
    return wholeVariesW > SLOPES.most * VARIED_W && wholeVariesW > MOST_RESTLESS * mean(wholeW) ? 'noise' : null
  }
  if (wholeVariesW < LEAST_FOLLOWED * chipsVaryW) return 'frozen'
  const rise = slope(chipsW, wholeW)
  const isFollowed = correlation(chipsW, wholeW) >= LEAST_CORRELATION && rise >= SLOPES.least && rise <= SLOPES.most
  return isFollowed ? null : 'noise'
}
