import type { CounterChannel } from '../model/channel.ts'
import type { Gap, GapReason } from '../model/posting.ts'
import { type Reading, readingAtNs } from '../model/reading.ts'
import { NS_PER_MS, NS_PER_S } from '../model/units.ts'
import { CounterBounds, type Point, type Step } from './counter-bounds.ts'
import { between, continued, contradiction, stands, type Trial, tellsPace } from './counter-trial.ts'
import { type Integrator, later, NOTHING, type Outcome, type Position } from './integrator.ts'
import { UsualPace } from './usual-pace.ts'

/** A jump is believed when the readings after it have agreed for so long: processors have been seen to glitch for 1.1 s. */
const DOUBT_NS = 1_500n * NS_PER_MS
/** What comes back within this time to where it was has been away, and counted nothing. */
const RETURN_NS = 10n * NS_PER_S

/**
 * Makes postings of the steps of a counter. A reading that shows no change only confirms: the posting runs from change to change, so
 * that a coarse counter (Dell: 1 Wh) is spread over the time in which it was earned.
 *
 * A reading may be false. Where never two in a row are, the counter was at least at the smaller of any two neighbours,
 * and nothing more is certain of the newest one. To book only that would show every total one reading late, and nothing
 * else could help: a false reading of the usual size looks like a true one. So an ordinary step is booked at once, and
 * what the next reading takes back of it is owed: the following steps pay it before they are booked. All other steps wait
 * until a neighbour confirms them. What is booked is therefore never more than the truth and one ordinary step, however
 * many readings are false, and no more than the truth after the next true reading that passes the mark.
 */
export class CounterIntegrator implements Integrator {
  readonly #channel: CounterChannel
  readonly #bounds: CounterBounds
  readonly #pace: UsualPace
  /** The last change on the counter's line, and the last reading on it, which may have confirmed it later. */
  #last: Point | undefined
  #readNs = 0n
  /** The marks of late, oldest first: from what a false reading added to them the counter falls back between them. */
  #marks: Point[] = []
  /** Counts booked with the newest step, which no neighbour has confirmed yet. */
  #unconfirmed: Step | undefined
  /** The mark from which the register fell. */
  #left: Point | undefined
  #trial: Trial | undefined
  #seenNs = -1n
  /** Counts that were booked and then taken back. */
  #owed = 0n
  /** µJ numerators below one whole µJ, so that no fraction is ever lost or invented. */
  #carry = 0n
  #gapFromNs: bigint | undefined
  #gapReason: GapReason
  #isBridging: boolean
  #isStalled = false

  /** @param resume where an earlier run under the same boot left the register, or null */
  constructor(channel: CounterChannel, resume: Position | null) {
    this.#channel = channel
    this.#bounds = new CounterBounds(channel)
    this.#pace = new UsualPace(this.#bounds)
    this.#last = resume !== null && resume.count !== null ? { count: resume.count, atNs: resume.atNs } : undefined
    this.#readNs = this.#last?.atNs ?? 0n
    this.#isBridging = this.#last !== undefined
    if (this.#isBridging) this.#seenNs = this.#readNs
    this.#gapFromNs = this.#isBridging ? undefined : resume?.atNs
    this.#gapReason = 'restart'
  }

  get position(): Position | null {
    if (this.#last !== undefined) return this.#last
    return this.#gapFromNs === undefined ? null : { count: null, atNs: this.#gapFromNs }
  }

  accept(reading: Reading): Outcome {
    if (reading.status !== 'counter') return NOTHING
    const point = { count: reading.count, atNs: readingAtNs(reading) }
    if (point.atNs <= this.#seenNs) return NOTHING
    this.#seenNs = point.atNs
    if (this.#last === undefined) return this.#find(point)
    if (this.#bounds.mayWrapUnseen(point.atNs - this.#readNs)) {
      this.#lose(this.#isBridging ? 'restart' : 'ambiguous')
      return this.#find(point)
    }
    return this.#follow(this.#last, point)
  }

  expire(nowNs: bigint): Gap | undefined {
    if (this.#last !== undefined && this.#bounds.mayWrapUnseen(nowNs - this.#readNs)) {
      this.#lose(this.#isBridging ? 'restart' : 'ambiguous')
    }
    return this.#last === undefined ? this.#extendGap(nowNs) : undefined
  }

  interrupt(reason: GapReason, lostNs: bigint): void {
    this.#lose(reason)
    this.#trial = undefined
    if (this.#gapFromNs !== undefined) this.#gapFromNs -= lostNs
  }

  /** Where the counter is, after a time in which that was not known. */
  #find(point: Point): Outcome {
    const trial = this.#trial
    // Where readings contradicted each other, one alone may be false. The later of two that agree is not below the truth.
    if (trial === undefined || this.#bounds.step(trial.latest, point) !== undefined) return this.#begin(point)
    this.#try(point, undefined)
    return { ...gapOf(this.#extendGap(point.atNs)), corrupt: contradiction(trial, point) }
  }

  #follow(last: Point, point: Point): Outcome {
    const step = this.#bounds.step(last, point, point.atNs - this.#readNs)
    if (this.#trial !== undefined) return this.#weigh(last, point, step, this.#trial)
    const taken = this.#fallen(last, point)
    if (taken > 0n) return this.#takeBack(last, point, taken)
    if (step?.counts === 0n) return this.#confirm(last, point.atNs)
    // What a counter makes up for after it stood still belongs to time that is declared.
    if (this.#isStalled) return this.#giveUp('stalled', point)
    if (step === undefined || !this.#pace.isOrdinary(step)) return this.#try(point, step)
    this.#learnUnconfirmed()
    this.#unconfirmed = { ...step, counts: this.#due(step.counts) }
    this.#readNs = point.atNs
    return this.#book(last, point, step)
  }

  #confirm(last: Point, atNs: bigint): Outcome {
    this.#readNs = atNs
    this.#trial = undefined
    this.#learnUnconfirmed()
    if (!this.#isStalled && atNs - last.atNs <= this.#bounds.stallNs) return NOTHING
    this.#isStalled = true
    this.#last = { count: last.count, atNs }
    return { gap: { startNs: last.atNs, endNs: atNs, reason: 'stalled' } }
  }

  /** By how many counts a reading lies behind the mark, where it lies between the marks of late: none where all only rose, as mostly. */
  #fallen(last: Point, point: Point): bigint {
    while (this.#marks[1] !== undefined && point.atNs - this.#marks[1].atNs >= RETURN_NS) this.#marks.shift()
    if (point.count >= last.count && this.#marks.every(({ count }) => count <= last.count)) return 0n
    for (const mark of this.#marks) {
      const [there, here] = [this.#bounds.step(mark, last), this.#bounds.step(mark, point)]
      if (there !== undefined && here !== undefined) return there.counts - here.counts
    }
    return 0n
  }

  /** The time of the postings stays posted, and what was too much of their energy is owed. */
  #takeBack(last: Point, point: Point, counts: bigint): Outcome {
    this.#owed += counts
    this.#last = { count: point.count, atNs: last.atNs }
    this.#readNs = point.atNs
    this.#marks.length = 1
    this.#unconfirmed = undefined
    return { corrupt: `${last.count} is more than the ${point.count} of the reading after it` }
  }

  #try(point: Point, step: Step | undefined, sinceNs = point.atNs): Outcome {
    this.#trial = { first: point, latest: point, readings: 1, sinceNs, jump: step, reach: step }
    return NOTHING
  }

  /** The line is kept until readings one after the other agree that the counter is elsewhere, or back on it. */
  #weigh(last: Point, point: Point, step: Step | undefined, trial: Trial): Outcome {
    const isAlike = (trial.reach === undefined) === (step === undefined)
    const agreed = isAlike ? this.#bounds.step(trial.latest, point) : undefined
    if (agreed === undefined) return this.#tryAnew(point, step, trial)
    const doubtNs = this.#isNew && stands(trial, agreed) ? this.#bounds.stallNs : DOUBT_NS
    const isAged = point.atNs - trial.first.atNs >= doubtNs
    const isUsual = step !== undefined && (this.#isNew ? tellsPace(trial, step) : this.#pace.isOrdinary(step))
    const isSettled = this.#mayBeReset(trial) ? isAged && trial.readings > 1 : this.#isBridging || isAged || isUsual
    if (step !== undefined && isSettled) return this.#settle(last, point, trial, step, agreed)
    if (step === undefined && isAged) return this.#move(last, point)
    this.#trial = continued(trial, point, step, agreed)
    return NOTHING
  }

  /** Neither agrees with the other, so that one at least is false; after too long a time nothing is known any more. */
  #tryAnew(point: Point, step: Step | undefined, trial: Trial): Outcome {
    this.#try(point, step, trial.sinceNs)
    const corrupt = contradiction(trial, point)
    if (point.atNs - trial.sinceNs <= this.#bounds.doubtNs) return { corrupt }
    return { ...this.#giveUp('corrupt', point), corrupt }
  }

  /** The line is lost, and one reading alone is no new one. */
  #giveUp(reason: GapReason, point: Point): Outcome {
    this.#lose(reason)
    this.#try(point, undefined)
    return gapOf(this.#extendGap(point.atNs))
  }

  /** Books what a neighbour has confirmed, and the newest step with it where that is ordinary. */
  #settle(last: Point, point: Point, trial: Trial, whole: Step, newest: Step): Outcome {
    const { latest, jump, reach } = trial
    if (jump === undefined || reach === undefined) return this.#move(last, point)
    if (this.#isReturn(point) && !this.#pace.isOrdinary(jump)) return this.#move(last, point)
    // A mark that nothing has confirmed may be too low, as a register that was reset may look as if it had wrapped: such
    // a step is believed where those after it are like it.
    const isNew = this.#isNew
    const isOpen = isNew || this.#mayBeReset(trial)
    if (isNew) this.#pace.learn(between(jump, whole), jump)
    else if (isOpen) this.#pace.learn(between(jump, reach))
    if (isOpen && !this.#pace.isOrdinary(jump)) return this.#move(last, point)
    if (!isNew) this.#pace.learn({ ...reach, counts: this.#due(reach.counts) })
    this.#trial = undefined
    this.#unconfirmed = undefined
    this.#readNs = point.atNs
    if (newest.counts > 0n && this.#pace.isOrdinary(newest)) {
      this.#unconfirmed = newest
      const isWrap = reach.isWrap || newest.isWrap
      return this.#book(last, point, { counts: reach.counts + newest.counts, isWrap })
    }
    if (newest.counts > 0n) {
      this.#readNs = latest.atNs
      this.#try(point, newest)
    }
    return reach.counts > 0n ? this.#book(last, latest, reach) : this.#confirm(last, this.#readNs)
  }

  #mayBeReset({ jump }: Trial): boolean {
    return jump?.isWrap === true && !this.#isNew && !this.#isBridging && !this.#pace.isOrdinary(jump)
  }

  /** The register is back where it was before it fell: it had not been reset. */
  #isReturn(point: Point): boolean {
    const left = this.#left
    if (left === undefined || point.atNs - left.atNs > RETURN_NS) return false
    const step = this.#bounds.step(left, point)
    return step !== undefined && this.#pace.isOrdinary(step)
  }

  /** The counter goes on from elsewhere: nobody knows what it counted in between. */
  #move(last: Point, point: Point): Outcome {
    const isReset = point.count < last.count && !this.#isNew
    this.#left = isReset ? last : undefined
    if (isReset) return { ...this.#restart('reset', point), step: 'reset' }
    const corrupt = `${point.count} is not where the counter can have come from ${last.count}`
    return { ...this.#restart('corrupt', point), corrupt }
  }

  #book(last: Point, { count, atNs }: Point, { counts, isWrap }: Pick<Step, 'counts' | 'isWrap'>): Outcome {
    const due = this.#due(counts)
    this.#owed -= counts - due
    const { numerator, denominator } = this.#channel.unitUj
    const exact = due * numerator + this.#carry
    this.#carry = exact % denominator
    this.#marks.push(last)
    this.#last = { count, atNs }
    const posting = { startNs: last.atNs, endNs: atNs, energyUj: exact / denominator, bridged: this.#isBridging }
    this.#isBridging = false
    return isWrap ? { posting, step: 'wrapped' } : { posting }
  }

  /** What is left to book of some counts when they have paid what is owed. */
  #due(counts: bigint): bigint {
    return counts > this.#owed ? counts - this.#owed : 0n
  }

  #restart(reason: GapReason, point: Point): Outcome {
    this.#lose(reason)
    return this.#begin(point)
  }

  #begin({ count, atNs }: Point): Outcome {
    const fromNs = later(atNs, this.#gapFromNs)
    // One reading alone may be false: its first step is believed when the ones after it are like it.
    if (this.#trial === undefined) this.#pace.forget()
    this.#trial = undefined
    this.#last = { count, atNs: fromNs }
    this.#readNs = fromNs
    this.#seenNs = fromNs
    this.#carry = 0n
    return gapOf(this.#closeGap(fromNs, undefined))
  }

  #lose(reason: GapReason): void {
    this.#gapFromNs = this.#last?.atNs ?? this.#gapFromNs
    this.#gapReason = reason
    this.#last = undefined
    this.#marks = []
    this.#unconfirmed = undefined
    this.#isBridging = false
    this.#isStalled = false
  }

  #extendGap(untilNs: bigint): Gap | undefined {
    const endNs = later(untilNs, this.#gapFromNs)
    return this.#closeGap(endNs, endNs)
  }

  #closeGap(endNs: bigint, nextFromNs: bigint | undefined): Gap | undefined {
    const startNs = this.#gapFromNs
    this.#gapFromNs = startNs === undefined ? undefined : nextFromNs
    return startNs !== undefined && endNs > startNs ? { startNs, endNs, reason: this.#gapReason } : undefined
  }

  #learnUnconfirmed(): void {
    if (this.#unconfirmed !== undefined) this.#pace.learn(this.#unconfirmed)
    this.#unconfirmed = undefined
  }

  get #isNew(): boolean {
    return !this.#pace.isKnown && !this.#isBridging
  }
}

const gapOf = (gap: Gap | undefined): Outcome => (gap === undefined ? NOTHING : { gap })
