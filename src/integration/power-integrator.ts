import type { PowerChannel } from '../model/channel.ts'
import type { Gap, GapReason } from '../model/posting.ts'
import { type Reading, readingAtNs } from '../model/reading.ts'
import { NS_PER_S, wattsOf } from '../model/units.ts'
import { type Integrator, later, NOTHING, type Outcome, type Position } from './integrator.ts'

/** Readings further apart than this many intervals say nothing about the time between them. */
const MAX_INTERVALS = 3n

/** The trapezoid rule on the midpoints of the readings. */
export class PowerIntegrator implements Integrator {
  readonly #channel: PowerChannel
  #last: { powerUw: bigint; atNs: bigint } | undefined
  /** Half µW·ns below one whole µJ. */
  #carry = 0n
  #gapFromNs: bigint | undefined
  #gapReason: GapReason = 'late'

  /** @param resume up to where an earlier run under the same boot accounted for the channel, or null */
  constructor(channel: PowerChannel, resume: Position | null) {
    this.#channel = channel
    if (resume !== null) {
      this.#gapFromNs = resume.atNs
      this.#gapReason = 'restart'
    }
  }

  get position(): Position | null {
    const atNs = this.#last?.atNs ?? this.#gapFromNs
    return atNs === undefined ? null : { count: null, atNs }
  }

  accept(reading: Reading): Outcome {
    if (reading.status !== 'power') return NOTHING
    const { powerUw } = reading
    if (powerUw < 0n || powerUw > this.#channel.maxPowerUw) {
      return {
        corrupt: `${wattsOf(powerUw)} W are not between 0 and the channel's ${wattsOf(this.#channel.maxPowerUw)} W`,
      }
    }
    const last = this.#last
    const atNs = later(readingAtNs(reading), last === undefined ? this.#gapFromNs : undefined)
    if (last !== undefined && atNs <= last.atNs) return NOTHING
    this.#last = { powerUw, atNs }
    if (last !== undefined && !this.#isLate(last.atNs, atNs)) {
      const exact = (last.powerUw + powerUw) * (atNs - last.atNs) + this.#carry
      this.#carry = exact % (2n * NS_PER_S)
      return { posting: { startNs: last.atNs, endNs: atNs, energyUj: exact / (2n * NS_PER_S), bridged: false } }
    }
    if (last !== undefined) this.#open(last.atNs, 'late')
    const gap = this.#closeGap(atNs, undefined)
    return gap ? { gap } : NOTHING
  }

  expire(nowNs: bigint): Gap | undefined {
    const last = this.#last
    if (last !== undefined && this.#isLate(last.atNs, nowNs)) {
      this.#open(last.atNs, 'late')
      this.#last = undefined
    }
    return this.#last === undefined ? this.#closeGap(nowNs, nowNs) : undefined
  }

  interrupt(reason: GapReason, lostNs: bigint): void {
    const knownNs = this.#last?.atNs ?? this.#gapFromNs
    if (knownNs !== undefined) this.#open(knownNs - lostNs, reason)
    this.#last = undefined
  }

  #isLate(fromNs: bigint, toNs: bigint): boolean {
    return toNs - fromNs > MAX_INTERVALS * this.#channel.intervalNs
  }

  #open(fromNs: bigint, reason: GapReason): void {
    this.#gapFromNs = fromNs
    this.#gapReason = reason
    this.#carry = 0n
  }

  #closeGap(endNs: bigint, nextFromNs: bigint | undefined): Gap | undefined {
    const startNs = this.#gapFromNs
    this.#gapFromNs = startNs === undefined ? undefined : nextFromNs
    return startNs !== undefined && endNs > startNs ? { startNs, endNs, reason: this.#gapReason } : undefined
  }
}
