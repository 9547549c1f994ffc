/** Power usage effectiveness: the site's energy for each unit that the IT equipment takes in (ISO/IEC 30134-2). */

export const LEAST_PUE = 1
/** A site with a greater one is a mistake in the units. */
export const GREATEST_PUE = 10

/** The one text for whoever states another. Goes with `received …`. */
export const EXPECTED_PUE = `a PUE of ${LEAST_PUE} to ${GREATEST_PUE} (the site's energy divided by the IT equipment's, ISO/IEC 30134-2)`

/** Whole parts per million; null for what cannot be a PUE. */
export function puePpmOf(pue: number): bigint | null {
  return pue >= LEAST_PUE && pue <= GREATEST_PUE ? BigInt(Math.round(pue * 1e6)) : null
}
