import { MEMORY_UW_PER_GB } from '../model/host-power.ts'
import type { Quality } from '../model/posting.ts'
import { NS_PER_S } from '../model/units.ts'
import type { ChannelAccount } from './channel-account.ts'
import { MEMORY_UNCERTAINTY } from './remainder.ts'
import { sharedFactorOf } from './uncertainty.ts'

/** Time beyond its pace that a source is waited for before the others go on without it. */
const GRACE_NS = 2n * NS_PER_S

/** What the energy of a leaf is known by. */
export interface EnergySource {
  /** The sensor, `model` or `siblings`. */
  readonly name: string
  readonly quality: Quality
  /** Whatever shares it is wrong together: see `UncertaintyBudget`. */
  readonly sharedFactor: string
  readonly relativeUncertainty: number
  /** Energy in `[fromNs, toNs)`. A time is taken once, and in order. */
  take(fromNs: bigint, toNs: bigint): bigint
}

/** One of the ways to know the energy of one leaf: a channel that measures it, or a model. */
export interface LeafSource extends EnergySource {
  /** How long it is waited for before the others go on without it. */
  readonly patienceNs: bigint
  /** True of a meter that stands still: nobody waits for it. */
  readonly isStill: boolean
  /** True for a model that says the same whatever happens. */
  readonly isConstant: boolean
  /** End of the unbroken time from `fromNs` on that it covers; `fromNs` when it does not. */
  coveredUntil(fromNs: bigint, nowNs: bigint): bigint
  /** First time after `fromNs` that it is known to cover; null while none is. */
  nextStart(fromNs: bigint): bigint | null
  /** Nothing will come any more for the time before this. */
  certainUntil(nowNs: bigint): bigint
  /** How long its next news have been waited for. */
  silentNs(nowNs: bigint): bigint
  /** The longest stretch in `[fromNs, toNs)` of which only the sum is known. */
  grainNs(fromNs: bigint, toNs: bigint): bigint
  /** Power now; null when nothing recent is known. */
  powerUw(nowNs: bigint): bigint | null
}

export function channelSource(account: ChannelAccount): LeafSource {
  const { channel, timeline } = account
  return {
    name: channel.sensor,
    quality: channel.quality,
    sharedFactor: sharedFactorOf(channel),
    relativeUncertainty: channel.relativeUncertainty,
    get patienceNs() {
      return patienceOf(account)
    },
    get isStill() {
      return account.isStill
    },
    isConstant: false,
    coveredUntil: (fromNs) => timeline.coveredUntil(fromNs),
    nextStart: (fromNs) => timeline.nextStart(fromNs),
    certainUntil: (nowNs) => account.certainUntil(nowNs),
    silentNs: (nowNs) => account.silentNs(nowNs),
    grainNs: (fromNs, toNs) => timeline.grainNs(fromNs, toNs),
    take: (fromNs, toNs) => timeline.take(fromNs, toNs),
    powerUw: (nowNs) => account.powerUw(nowNs),
  }
}

/** Memory of `memoryGb` without a meter, which knows any time. */
export function memoryModel(memoryGb: number): LeafSource {
  const powerUw = BigInt(Math.round(memoryGb * MEMORY_UW_PER_GB))
  return {
    name: 'model',
    quality: 'estimated',
    sharedFactor: 'memory',
    relativeUncertainty: MEMORY_UNCERTAINTY,
    patienceNs: 0n,
    isStill: false,
    isConstant: true,
    coveredUntil: (_, nowNs) => nowNs,
    nextStart: () => null,
    certainUntil: (nowNs) => nowNs,
    silentNs: () => 0n,
    grainNs: () => 0n,
    take: (fromNs, toNs) => (powerUw * toNs) / NS_PER_S - (powerUw * fromNs) / NS_PER_S,
    powerUw: () => powerUw,
  }
}

/** How long the next reading of a channel is waited for. */
export function patienceOf({ paceNs }: ChannelAccount): bigint {
  return paceNs + GRACE_NS
}
