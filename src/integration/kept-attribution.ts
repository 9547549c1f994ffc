import type { AttributionState } from '../model/attribution.ts'
import type { CarbonTotals } from '../model/carbon.ts'
import { bookedIn, bothFigures, figuresLess, figuresOf, footprintOf } from '../model/footprint.ts'

/**
 * What earlier runs split, while nobody splits: it stays in the ledger, since what was shown of it must not fall when somebody
 * splits again. What is drawn meanwhile is no backlog, so that its marks go on with the machine's totals.
 */
export class KeptAttribution {
  readonly #state: AttributionState | null
  readonly #nodeUj: bigint
  readonly #booked: readonly bigint[]

  /**
   * @param state null where nobody ever split
   * @param nodeUj the machine's total with which it is taken over, and `carbon` what was booked for that
   */
  constructor(state: AttributionState | null, nodeUj: bigint, carbon: CarbonTotals) {
    this.#state = state
    this.#nodeUj = nodeUj
    this.#booked = figuresOf(bookedIn(carbon))
  }

  at(nodeUj: bigint, carbon: CarbonTotals): AttributionState | null {
    const state = this.#state
    if (state === null) return null
    const grown = figuresLess(figuresOf(bookedIn(carbon)), this.#booked)
    return {
      ...state,
      // The use of a time whose energy is not split says nothing of the time after it.
      lastUse: '',
      attributedUj: state.attributedUj + nodeUj - this.#nodeUj,
      attributedBooked: footprintOf(bothFigures(figuresOf(state.attributedBooked), grown)),
    }
  }
}
