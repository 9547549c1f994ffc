import { fault } from '../../model/config-fault.ts'
import { EXPECTED_PUE, puePpmOf } from '../../model/pue.ts'
import type { PueStatement } from './pue.ts'

/**
 * How far an hour's PUE is from a figure for longer than an hour: CINECA's Marconi100, whose facility was metered, had
 * a median of 1.41 and a standard deviation of 0.04 (M100 ExaData, Sci. Data 10:288, 2023).
 */
export const SPREAD = 0.04 / 1.41

/**
 * A figure that the operator states for longer than an hour. Throws a ConfigFault for a number that cannot be a PUE.
 */
export function statedPue(pue: number, source: string, key = 'carbon.pue'): PueStatement {
  const puePpm = puePpmOf(pue)
  if (puePpm === null) throw fault(key, `expected ${EXPECTED_PUE}, received ${pue}`)
  return { puePpm, relativeUncertainty: SPREAD, source }
}
