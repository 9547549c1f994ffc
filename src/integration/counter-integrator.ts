import type { CounterChannel } from '../model/channel.ts'
import type { Gap, GapReason } from '../model/posting.ts'
import { type Reading, readingAtNs } from '../model/reading.ts'
import { NS_PER_S } from '../model/units.ts'
import { stepCounter } from './counter-step.ts'
import { type Integrator, later, NOTHING, type Outcome, type Position } from './integrator.ts'

/**
 * Counters are published in steps (NVML about 100 ms, Lenovo's XCC 1 s), so that two readings close to each other can
 * lie a whole step apart. This much time is granted on top of the elapsed one before a step is called impossible.
 */
const PUBLICATION_SLACK_NS = NS_PER_S

/** What draws less than this is off: a counter that stands still while it could have counted at this power is dead. */
const LEAST_ALIVE_UW = 1_000_000n
/** And no counter is called dead before so many readings. */
const STALL_INTERVALS = 10n

/**
 * DESIGN section 4.1 and 4.4. A reading that shows no change only confirms: the posting runs from change to change, so
 * that a coarse counter (Dell: 1 Wh) is spread over the time in which it was earned.
 */
export class CounterIntegrator implements Integrator {
  readonly #channel: CounterChannel
  /** The last change, and the last reading, which may have confirmed it later. */
  #last: { readonly count: bigint; readonly atNs: bigint } | undefined
  #readNs = 0n
  /** µJ numerators below one whole µJ, so that no fraction is ever lost or invented. */
  #carry = 0n
  #gapFromNs: bigint | undefined
  #gapReason: GapReason
  #isBridging: boolean
  #isSuspect = false

  /** @param resume where an earlier run under the same boot left the register, or null */
  constructor(channel: CounterChannel, resume: Position | null) {
    this.#channel = channel
    this.#last = resume !== null && resume.count !== null ? { count: resume.count, atNs: resume.atNs } : undefined
    this.#readNs = this.#last?.atNs ?? 0n
    this.#isBridging = this.#last !== undefined
    this.#gapFromNs = this.#isBridging ? undefined : resume?.atNs
    this.#gapReason = 'restart'
  }

  get position(): Position | null {
    if (this.#last !== undefined) return this.#last
    return this.#gapFromNs === undefined ? null : { count: null, atNs: this.#gapFromNs }
  }

  accept(reading: Reading): Outcome {
    if (reading.status !== 'counter') return NOTHING
    const atNs = readingAtNs(reading)
    const last = this.#last
    if (last === undefined) return this.#begin(reading.count, later(atNs, this.#gapFromNs))
    if (atNs <= this.#readNs) return NOTHING

    const unreadNs = atNs - this.#readNs
    const step = stepCounter(last.count, reading.count, this.#channel.modulus, this.#maxCounts(unreadNs))
    switch (step.type) {
      case 'advanced':
      case 'wrapped':
        if (step.counts > this.#maxCounts(atNs - last.atNs)) return this.#doubt(reading.count, atNs, step.counts)
        if (step.counts === 0n) return this.#confirm(atNs)
        return this.#advance(reading.count, atNs, step.counts, step.type === 'wrapped')
      case 'reset':
        return { ...this.#lose('reset', reading.count, atNs), step: 'reset' }
      default:
        return this.#lose(this.#isBridging ? 'restart' : 'ambiguous', reading.count, atNs)
    }
  }

  expire(nowNs: bigint): Gap | undefined {
    const { modulus } = this.#channel
    const last = this.#last
    if (last !== undefined && modulus !== null && 2n * this.#maxCounts(nowNs - this.#readNs) >= modulus) {
      this.#gapFromNs = last.atNs
      this.#gapReason = this.#isBridging ? 'restart' : 'ambiguous'
      this.#isBridging = false
      this.#last = undefined
    }
    return this.#last === undefined ? this.#closeGap(nowNs, nowNs) : undefined
  }

  interrupt(reason: GapReason, lostNs: bigint): void {
    const knownNs = this.#last?.atNs ?? this.#gapFromNs
    this.#gapFromNs = knownNs === undefined ? undefined : knownNs - lostNs
    this.#gapReason = reason
    this.#isBridging = false
    this.#last = undefined
    this.#isSuspect = false
  }

  #begin(count: bigint, atNs: bigint): Outcome {
    this.#last = { count, atNs }
    this.#readNs = atNs
    this.#carry = 0n
    const gap = this.#closeGap(atNs, undefined)
    return gap ? { gap } : NOTHING
  }

  #confirm(atNs: bigint): Outcome {
    this.#readNs = atNs
    this.#isSuspect = false
    const last = this.#last
    if (last === undefined || atNs - last.atNs <= this.#stallNs) return NOTHING
    this.#last = { count: last.count, atNs }
    return { gap: { startNs: last.atNs, endNs: atNs, reason: 'stalled' } }
  }

  #advance(count: bigint, atNs: bigint, counts: bigint, isWrap: boolean): Outcome {
    const startNs = this.#last?.atNs ?? atNs
    const { numerator, denominator } = this.#channel.unitUj
    const exact = counts * numerator + this.#carry
    this.#carry = exact % denominator
    this.#last = { count, atNs }
    this.#readNs = atNs
    this.#isSuspect = false
    const bridged = this.#isBridging
    this.#isBridging = false
    const posting = { startNs, endNs: atNs, energyUj: exact / denominator, bridged }
    return isWrap ? { posting, step: 'wrapped' } : { posting }
  }

  #lose(reason: GapReason, count: bigint, atNs: bigint): Outcome {
    this.#gapFromNs = this.#last?.atNs
    this.#gapReason = reason
    this.#isBridging = false
    this.#isSuspect = false
    return this.#begin(count, atNs)
  }

  /** One impossible value is dropped and the next true one bridges it. A second in a row is a register that jumped. */
  #doubt(count: bigint, atNs: bigint, counts: bigint): Outcome {
    const corrupt = `${counts} counts in ${(atNs - (this.#last?.atNs ?? atNs)) / 1_000_000n} ms are more than the channel can make`
    if (this.#isSuspect) return { ...this.#lose('corrupt', count, atNs), corrupt }
    this.#isSuspect = true
    return { corrupt }
  }

  #closeGap(endNs: bigint, nextFromNs: bigint | undefined): Gap | undefined {
    const startNs = this.#gapFromNs
    this.#gapFromNs = startNs === undefined ? undefined : nextFromNs
    return startNs !== undefined && endNs > startNs ? { startNs, endNs, reason: this.#gapReason } : undefined
  }

  get #stallNs(): bigint {
    const { intervalNs, unitUj } = this.#channel
    const countNs = (2n * unitUj.numerator * NS_PER_S) / (unitUj.denominator * LEAST_ALIVE_UW)
    return countNs > STALL_INTERVALS * intervalNs ? countNs : STALL_INTERVALS * intervalNs
  }

  #maxCounts(elapsedNs: bigint): bigint {
    const { maxPowerUw, unitUj } = this.#channel
    const maxUj = (maxPowerUw * (elapsedNs + PUBLICATION_SLACK_NS)) / NS_PER_S
    return (maxUj * unitUj.denominator) / unitUj.numerator + 1n
  }
}
