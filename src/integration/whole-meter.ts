import { least, most } from '../model/bigint.ts'
import type { Channel } from '../model/channel.ts'
import { isBehindSupply } from '../model/meters.ts'
import type { ChannelAccount } from './channel-account.ts'
import { patienceOf } from './leaf-source.ts'

export type WholeStatus =
  | { readonly kind: 'covered'; readonly members: readonly ChannelAccount[]; readonly untilNs: bigint }
  | { readonly kind: 'absent'; readonly untilNs: bigint }
  | { readonly kind: 'pending' }

/** A meter of the whole machine: one channel, or several that add up to it, as the inputs of its supplies do. */
export class WholeMeter {
  readonly name: string
  readonly channel: Channel
  readonly isBehindSupply: boolean
  readonly #accounts: readonly ChannelAccount[]

  constructor(name: string, accounts: readonly [ChannelAccount, ...ChannelAccount[]]) {
    this.name = name
    this.channel = accounts[0].channel
    this.isBehindSupply = isBehindSupply(this.channel)
    this.#accounts = accounts
  }

  /**
   * A channel that is silent for longer than it is waited for is left out: the others are the meter meanwhile, unless
   * each is a share of it.
   */
  status(fromNs: bigint, nowNs: bigint): WholeStatus {
    const members: ChannelAccount[] = []
    let untilNs = nowNs
    for (const account of this.#accounts) {
      const { timeline } = account
      const coveredNs = timeline.coveredUntil(fromNs)
      if (coveredNs > fromNs) {
        members.push(account)
        untilNs = least(untilNs, coveredNs)
        continue
      }
      const absentNs = timeline.nextStart(fromNs) ?? account.certainUntil(nowNs)
      if (absentNs > fromNs) untilNs = least(untilNs, absentNs)
      else if (!account.isStill && account.silentNs(nowNs) <= patienceOf(account)) return { kind: 'pending' }
    }
    const isKnown = this.channel.isShare ? this.isWhole(members) : members.length > 0
    return isKnown ? { kind: 'covered', members, untilNs } : { kind: 'absent', untilNs }
  }

  /** Whether the members are all that add up to it. */
  isWhole(members: readonly ChannelAccount[]): boolean {
    return members.length === this.#accounts.length
  }

  /** Where all of it is known. */
  coveredUntil(fromNs: bigint): bigint {
    return this.#accounts.map(({ timeline }) => timeline.coveredUntil(fromNs)).reduce(least)
  }

  /** First time after `fromNs` from which on all of it may be known. */
  nextStart(fromNs: bigint): bigint | null {
    const starts = this.#accounts.map(({ timeline }) =>
      timeline.coveredUntil(fromNs) > fromNs ? fromNs : timeline.nextStart(fromNs),
    )
    return starts.reduce((latest, ns) => (latest === null || ns === null ? null : most(latest, ns)))
  }

  /** See `EnergySource`. */
  take(fromNs: bigint, toNs: bigint): bigint {
    return this.#accounts.reduce((sumUj, { timeline }) => sumUj + timeline.take(fromNs, toNs), 0n)
  }

  /** Power now of all that tell it; null when none does, or not every share. */
  powerUw(nowNs: bigint): bigint | null {
    const powers = this.#accounts.flatMap((account) => account.powerUw(nowNs) ?? [])
    const least = this.channel.isShare ? this.#accounts.length : 1
    return powers.length >= least ? powers.reduce((sum, powerUw) => sum + powerUw, 0n) : null
  }
}
