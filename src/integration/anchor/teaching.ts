import { least } from '../../model/bigint.ts'
import { NS_PER_S } from '../../model/units.ts'
import type { LeafSource } from '../leaf-source.ts'
import { Timeline } from '../timeline.ts'
import type { Compared } from './relation.ts'

/** What is later than the meter by more is not compared with it. */
const LONGEST_LATE_NS = 60n * NS_PER_S
/** A meter is compared over two thirds of its patience, which is of three intervals and some seconds. */
const LEAST_OF_PATIENCE = { numerator: 2n, denominator: 5n }

interface Pupil {
  /** @param leastNs what is to be compared at once */
  learn(compared: Compared, leastNs: bigint): void
}

/** What a meter told, until that which it is compared with has told of the same time. */
export class Teaching {
  readonly #pupil: Pupil
  readonly #metered = new Timeline()
  /** Up to where both are compared, and up to where the meter has told. */
  #comparedNs = 0n
  #untilNs = 0n

  constructor(pupil: Pupil) {
    this.#pupil = pupil
  }

  /** Takes from the model what both have told of. */
  add(
    meter: Pick<LeafSource, 'relativeUncertainty' | 'patienceNs'>,
    model: Pick<LeafSource, 'coveredUntil' | 'nextStart' | 'take'>,
    startNs: bigint,
    endNs: bigint,
    energyUj: bigint,
  ): void {
    const isApart = startNs !== this.#untilNs || endNs - this.#comparedNs > LONGEST_LATE_NS + (endNs - startNs)
    if (isApart) {
      this.#metered.dropBefore(endNs)
      this.#comparedNs = startNs
    }
    this.#metered.add({ startNs, endNs, energyUj })
    this.#untilNs = endNs
    const isCovered = model.coveredUntil(this.#comparedNs, endNs) > this.#comparedNs
    if (!isCovered) this.#comparedNs = least(model.nextStart(this.#comparedNs) ?? this.#comparedNs, endNs)
    const fromNs = this.#comparedNs
    const toNs = least(model.coveredUntil(fromNs, endNs), endNs)
    if (toNs <= fromNs) return
    this.#comparedNs = toNs
    const { relativeUncertainty, patienceNs } = meter
    const modelUj = model.take(fromNs, toNs)
    const meterUj = this.#metered.take(fromNs, toNs)
    const leastNs = (patienceNs * LEAST_OF_PATIENCE.numerator) / LEAST_OF_PATIENCE.denominator
    this.#pupil.learn({ startNs: fromNs, endNs: toNs, meterUj, modelUj, relativeUncertainty }, leastNs)
  }
}
