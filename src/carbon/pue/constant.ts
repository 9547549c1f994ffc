import type { PueCoverage, PueSource, PueStatement } from './pue.ts'
import { statedPue } from './stated.ts'

/** One figure, at any time. Exactly 1 says that nothing of the site is counted: a boundary, and no estimate. */
export class ConstantPue implements PueSource {
  readonly problem = null
  readonly #statement: PueStatement

  /** Throws a ConfigFault. */
  constructor(pue: number) {
    const stated = statedPue(pue, 'configuration')
    this.#statement = pue === 1 ? { ...stated, relativeUncertainty: 0 } : stated
  }

  cover(): PueCoverage {
    return { statement: this.#statement, untilUnixMs: Number.POSITIVE_INFINITY }
  }
}
