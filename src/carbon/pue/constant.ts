import { EXPECTED_PUE, puePpmOf } from '../../model/pue.ts'
import { type PueCoverage, PueError, type PueSource, type PueStatement } from './pue.ts'

/**
 * What one figure for a whole year leaves out of an hour's PUE: CINECA's Marconi100, whose facility was metered, had a
 * mean of 1.41 and a standard deviation of 0.04 (M100 ExaData, Sci. Data 10:288, 2023).
 */
const SPREAD = 0.04 / 1.41

/**
 * A figure that does not follow the hour. Exactly 1 says that nothing of the site is counted, which is a boundary and no
 * estimate. Throws a PueError for what cannot be a PUE.
 */
export function statedPue(pue: number, source: string): PueStatement {
  const puePpm = puePpmOf(pue)
  if (puePpm === null) throw new PueError(`expected ${EXPECTED_PUE}, received ${pue}`)
  return { puePpm, relativeUncertainty: pue === 1 ? 0 : SPREAD, source }
}

/** One figure, at any time. */
export class ConstantPue implements PueSource {
  readonly problem = null
  readonly #statement: PueStatement

  /** Throws a PueError. */
  constructor(pue: number) {
    this.#statement = statedPue(pue, 'configuration')
  }

  cover(): PueCoverage {
    return { statement: this.#statement, untilUnixMs: Number.POSITIVE_INFINITY }
  }
}
