import type { ChannelState, Mark } from '../model/batch.ts'
import { most } from '../model/bigint.ts'
import { type Channel, channelKey, isLog } from '../model/channel.ts'
import type { Gap, GapReason, Posting } from '../model/posting.ts'
import type { Reading } from '../model/reading.ts'
import { NS_PER_S } from '../model/units.ts'
import { CounterIntegrator } from './counter-integrator.ts'
import type { Integrator, Outcome } from './integrator.ts'
import { LogIntegrator } from './log-integrator.ts'
import { PowerIntegrator } from './power-integrator.ts'
import { RecentPower } from './recent-power.ts'
import { Timeline } from './timeline.ts'

/** A counter that is away for longer is given up by what waits for it: another source stands in, or a gap. */
export const LONGEST_AWAY_NS = 600n * NS_PER_S

/** A power figure older than so many intervals, and the second for which readings wait to be fetched, is not shown. */
const FRESH_INTERVALS = 3n

/** One channel's integrator and its totals since the ledger began. */
export class ChannelAccount {
  readonly key: ChannelState['key']
  readonly timeline = new Timeline()
  #channel: Channel
  #integrator: Integrator
  /** That in which the integrator's position is; null while nothing tells it. */
  #register: string | null
  #energyUj: bigint
  #unaccountedNs: bigint
  #wraps: number
  #resets: number
  readonly #recent = new RecentPower()
  #power: { readonly powerUw: bigint; readonly atNs: bigint } | null = null
  #isStill = false
  /** When this run came to know it: of what lies before nobody else has told either. */
  readonly #sinceNs: bigint

  /**
   * @param state what is known of the channel; its `last` must be of this boot
   * @param filled of a log: the last position of its meter, under the same condition
   */
  constructor(channel: Channel, state: ChannelState | null | undefined, nowNs = 0n, filled?: Mark | null) {
    this.#channel = channel
    this.#sinceNs = nowNs
    this.key = channelKey(channel)
    this.#integrator = isLog(channel)
      ? new LogIntegrator(channel, filled?.atNs ?? null)
      : integratorOf(channel, state?.last ?? null)
    this.#register = registerOf(channel) ?? state?.last?.register ?? null
    if (state?.last && state.unsettled) {
      const { fromNs, energyUj } = state.unsettled
      this.timeline.add({ startNs: fromNs, endNs: state.last.atNs, energyUj })
    }
    this.#energyUj = state?.energyUj ?? 0n
    this.#unaccountedNs = state?.unaccountedNs ?? 0n
    this.#wraps = state?.wraps ?? 0
    this.#resets = state?.resets ?? 0
  }

  get channel(): Channel {
    return this.#channel
  }

  /** Takes what its sensor says of it now: another part of the machine, another limit or another register. */
  redefine(channel: Channel): void {
    if (!isReadAlike(channel, this.#channel)) this.#integrator = integratorOf(channel, this.#mark)
    this.#register = registerOf(channel) ?? this.#register
    this.#channel = channel
  }

  get state(): ChannelState {
    const last = this.#mark
    return {
      key: this.key,
      energyUj: this.#energyUj,
      unaccountedNs: this.#unaccountedNs,
      wraps: this.#wraps,
      resets: this.#resets,
      last,
      unsettled: last && this.timeline.tailUntil(last.atNs),
    }
  }

  accept(reading: Reading): Outcome {
    const outcome = this.#integrator.accept(reading)
    if (outcome.posting) this.#post(outcome.posting)
    if (outcome.gap) this.#miss(outcome.gap)
    if (outcome.step === 'wrapped') this.#wraps += 1
    if (outcome.step === 'reset') this.#resets += 1
    if (reading.status === 'power' && outcome.corrupt === undefined && !isLog(this.#channel)) {
      this.#power = { powerUw: reading.powerUw, atNs: reading.afterNs }
    }
    return outcome
  }

  expire(nowNs: bigint): Gap | undefined {
    const gap = this.#integrator.expire(nowNs)
    if (gap) this.#miss(gap)
    return gap
  }

  interrupt(reason: GapReason, lostNs: bigint): void {
    this.#integrator.interrupt(reason, lostNs)
    this.#power = null
    this.#recent.forget()
  }

  /** Adds time that lies outside the monotonic clock of this boot. */
  missed(durationNs: bigint): void {
    this.#unaccountedNs += durationNs
  }

  /**
   * Everything before this is posted or a gap for certain. What a counter did after it shows when it is read again,
   * unless it stays away for longer than `LONGEST_AWAY_NS`.
   */
  certainUntil(nowNs: bigint): bigint {
    const knownNs = this.#integrator.position?.atNs ?? nowNs
    return this.silentNs(nowNs) > LONGEST_AWAY_NS ? nowNs : knownNs
  }

  /** How long its next news have been waited for, in this run. */
  silentNs(nowNs: bigint): bigint {
    const position = this.#integrator.position
    return position === null ? 0n : nowNs - most(position.atNs, this.#sinceNs)
  }

  /** Whether a counter that is not read any more may still go on where it was. */
  mayReturn(nowNs: bigint): boolean {
    return this.#integrator.position?.count != null && this.silentNs(nowNs) <= LONGEST_AWAY_NS
  }

  /** How long the next news may take at the power of late: a coarse counter stands still for a while. */
  get paceNs(): bigint {
    const channel = this.#channel
    const readNs = FRESH_INTERVALS * channel.intervalNs
    if (channel.kind === 'power' || !this.#power?.powerUw) return readNs
    const { numerator, denominator } = channel.unitUj
    return readNs + (2n * numerator * NS_PER_S) / (denominator * this.#power.powerUw)
  }

  /** Power now; null when nothing recent is known. */
  powerUw(nowNs: bigint): bigint | null {
    if (this.#power === null) return null
    const freshNs = this.paceNs + NS_PER_S
    return nowNs - this.#power.atNs <= freshNs ? this.#power.powerUw : null
  }

  /** True of a counter that is read and stands still, until it moves. */
  get isStill(): boolean {
    return this.#isStill
  }

  get #mark(): Mark | null {
    const position = this.#integrator.position
    return position && this.#register !== null ? { ...position, register: this.#register } : null
  }

  #post(posting: Posting): void {
    this.#energyUj += posting.energyUj
    this.#isStill = false
    // The counters of the parts tell no more than their sum of a time in which nobody was there.
    if (isLog(this.#channel)) this.timeline.extend(posting)
    else this.timeline.add(posting)
    if (this.#channel.kind === 'counter' && !posting.bridged) {
      this.#recent.add(posting)
      this.#power = this.#recent.latest
    }
  }

  #miss(gap: Gap): void {
    this.#isStill = gap.reason === 'stalled'
    this.#unaccountedNs += gap.endNs - gap.startNs
  }
}

/** Goes on from `last`; a count of a register that is certainly another one says nothing. */
function integratorOf(channel: Channel, last: Mark | null): Integrator {
  const register = registerOf(channel)
  const isOther = last !== null && register !== null && last.register !== register
  const resume = isOther ? { ...last, count: null } : last
  if (isLog(channel)) return new LogIntegrator(channel, null)
  return channel.kind === 'counter' ? new CounterIntegrator(channel, resume) : new PowerIntegrator(channel, resume)
}

/** Whether the same integrator serves both. */
function isReadAlike(a: Channel, b: Channel): boolean {
  return registerOf(a) === registerOf(b) && a.maxPowerUw === b.maxPowerUw && a.intervalNs === b.intervalNs
}

/** Null while its sensor could not read it. */
function registerOf(channel: Channel): string | null {
  if (channel.kind === 'power') return 'power'
  if (channel.isUnidentified) return null
  const since = channel.since === undefined ? '' : `, since ${channel.since}`
  return `${channel.unitUj.numerator}/${channel.unitUj.denominator} uJ, ${channel.modulus ?? 'no'} states${since}`
}
