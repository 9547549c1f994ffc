import { least, most } from '../model/bigint.ts'
import type { Channel, CounterChannel } from '../model/channel.ts'
import { NS_PER_S } from '../model/units.ts'
import { stepCounter } from './counter-step.ts'

/**
 * Counters are published in steps (NVML about 100 ms, Lenovo's XCC 1 s), so that two readings close to each other can
 * lie a whole step apart. This much time is granted on top of the elapsed one before a step is called impossible.
 */
export const PUBLICATION_SLACK_NS = NS_PER_S

/** What draws less than this is off: a counter that stands still while it could have counted at this power is dead. */
const LEAST_ALIVE_UW = 1_000_000n
/** And no counter is called dead, nor is one in doubt given up, before so many readings. */
const PATIENT_INTERVALS = 10n
/** Nor is one that is read often given up before a glitch of seconds can have passed. */
const LEAST_PATIENCE_NS = 10n * NS_PER_S

/** What a register said, and when. */
export interface Point {
  readonly count: bigint
  readonly atNs: bigint
}

/** What a counter made from one point to a later one. */
export interface Step {
  readonly counts: bigint
  readonly elapsedNs: bigint
  readonly isWrap: boolean
}

/** What a counter can do in a time, by its unit and its largest power. */
export class CounterBounds {
  readonly #channel: CounterChannel

  constructor(channel: CounterChannel) {
    this.#channel = channel
  }

  /**
   * Undefined when the counter cannot have gone from one to the other.
   * @param unreadNs for how long nothing was read: a counter that was seen to stand can have wrapped in that time alone
   */
  step(from: Point, to: Point, unreadNs = to.atNs - from.atNs): Step | undefined {
    const elapsedNs = to.atNs - from.atNs
    const most = this.most(elapsedNs)
    const mostUnread = unreadNs === elapsedNs ? most : this.most(unreadNs)
    const step = stepCounter(from.count, to.count, this.#channel.modulus, mostUnread)
    if (step.type !== 'advanced' && step.type !== 'wrapped') return undefined
    if (step.counts > most) return undefined
    return { counts: step.counts, elapsedNs, isWrap: step.type === 'wrapped' }
  }

  /** Most counts in a time, with the slack and one count that was all but full. */
  most(elapsedNs: bigint): bigint {
    return this.#countsOf(this.#channel.maxPowerUw, elapsedNs + PUBLICATION_SLACK_NS) + 1n
  }

  /** True from the time on in which a register could wrap unseen (once or more often). */
  mayWrapUnseen(elapsedNs: bigint): boolean {
    const { modulus } = this.#channel
    return modulus !== null && 2n * this.most(elapsedNs) >= modulus
  }

  /** How long nobody need read a register for every wrap to be seen; null where there is none. */
  get bridgeableNs(): bigint | null {
    const { modulus, unitUj, maxPowerUw } = this.#channel
    if (modulus === null) return null
    const halfUj = (modulus * unitUj.numerator) / (2n * unitUj.denominator)
    return most((halfUj * NS_PER_S) / maxPowerUw - PUBLICATION_SLACK_NS, 0n)
  }

  /** Counts of what is barely alive. */
  least(elapsedNs: bigint): bigint {
    return this.#countsOf(LEAST_ALIVE_UW, elapsedNs)
  }

  /** A counter without a change for longer stands still. */
  get stallNs(): bigint {
    const { unitUj } = this.#channel
    const countNs = (2n * unitUj.numerator * NS_PER_S) / (unitUj.denominator * LEAST_ALIVE_UW)
    return most(countNs, PATIENT_INTERVALS * this.#channel.intervalNs)
  }

  /** Readings that contradict each other for longer are a gap. */
  get doubtNs(): bigint {
    return most(LEAST_PATIENCE_NS, PATIENT_INTERVALS * this.#channel.intervalNs)
  }

  #countsOf(powerUw: bigint, elapsedNs: bigint): bigint {
    const { numerator, denominator } = this.#channel.unitUj
    return (((powerUw * elapsedNs) / NS_PER_S) * denominator) / numerator
  }
}

/** How long no counter need be read: the least of theirs; null where none wraps. */
export function bridgeableNs(channels: readonly Channel[]): bigint | null {
  const times = channels.flatMap(
    (channel) => (channel.kind === 'counter' ? new CounterBounds(channel).bridgeableNs : null) ?? [],
  )
  return times.length === 0 ? null : times.reduce(least)
}
