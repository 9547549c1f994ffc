import { least, most } from '../model/bigint.ts'
import { NS_PER_S } from '../model/units.ts'
import { type CounterBounds, PUBLICATION_SLACK_NS, type Step } from './counter-bounds.ts'

type Counted = Pick<Step, 'counts' | 'elapsedNs'>

/** A step is ordinary up to this many times the usual pace: a server goes from idle to full load in one. */
const ORDINARY = 8n
/** Pace that is not met again is forgotten in about this time. */
const MEMORY_NS = 64n * NS_PER_S
/** Fixed point, since a coarse counter makes one count in minutes. */
const SCALE = 1_000_000_000n

/**
 * The highest pace that a counter has lately been seen to keep. It learns from steps alone that a second reading has
 * confirmed, so that a false one cannot widen what is believed next.
 */
export class UsualPace {
  readonly #bounds: CounterBounds
  /** Counts in a second, times `SCALE`; null when nothing is known. */
  #perS: bigint | null = null

  constructor(bounds: CounterBounds) {
    this.#bounds = bounds
  }

  get isKnown(): boolean {
    return this.#perS !== null
  }

  /** @param other where neither step is certain: the slower of the two counts. It may be of a moment, with a moment's counts. */
  learn(step: Counted, other = step): void {
    const perS = least(paceOf(step), fastestOf(other))
    const { elapsedNs } = step
    const before = this.#perS ?? 0n
    const faded = elapsedNs < MEMORY_NS ? before - (before * elapsedNs) / MEMORY_NS : 0n
    this.#perS = most(perS, faded)
  }

  /** Whether a step needs no second look; one count more is always in it. */
  isOrdinary({ counts, elapsedNs }: Counted): boolean {
    if (this.#perS === null) return false
    const usual = (this.#perS * published(elapsedNs)) / (SCALE * NS_PER_S)
    return counts <= ORDINARY * most(usual, this.#bounds.least(published(elapsedNs))) + 1n
  }

  forget(): void {
    this.#perS = null
  }
}

/** What was counted in less time may have been published at once. */
const published = (elapsedNs: bigint): bigint => most(elapsedNs, PUBLICATION_SLACK_NS)

const paceOf = ({ counts, elapsedNs }: Counted): bigint => (counts * SCALE * NS_PER_S) / published(elapsedNs)

/** Of a step none of whose counts was published late. */
const fastestOf = ({ counts, elapsedNs }: Counted): bigint => (counts * SCALE * NS_PER_S) / elapsedNs
