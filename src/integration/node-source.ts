import type { Channel, Scope } from '../model/channel.ts'
import type { Quality } from '../model/posting.ts'
import { NS_PER_S } from '../model/units.ts'
import type { ChannelAccount } from './channel-account.ts'
import { REMAINDER_RELATIVE_UNCERTAINTY, remainderUj } from './remainder.ts'
import { UncertaintyBudget } from './uncertainty.ts'

/** Time beyond three intervals that a source is waited for before the next one takes its place. */
const GRACE_NS = 2n * NS_PER_S

/** A piece of the node account. */
export interface NodePosting {
  readonly startNs: bigint
  readonly endNs: bigint
  readonly meter: string
  readonly quality: Quality
  readonly energyUj: bigint
  readonly uncertaintyUj: bigint
  /** The part of the energy that no channel metered. */
  readonly remainderUj: bigint
}

/** A way to know the energy of the whole machine: one meter, several that add up to it, or the sum of its components. */
export class NodeSource {
  readonly meter: string
  readonly #quality: Quality
  readonly #accounts: readonly ChannelAccount[]
  /** Set for the sum of components, whose remainder is modelled. */
  readonly #memoryGb: number | null

  constructor(meter: string, quality: Quality, accounts: readonly ChannelAccount[], memoryGb: number | null) {
    this.meter = meter
    this.#quality = quality
    this.#accounts = accounts
    this.#memoryGb = memoryGb
  }

  /** How long it is waited for. */
  get patienceNs(): bigint {
    const intervals = this.#accounts.map(({ channel }) => channel.intervalNs)
    return 3n * intervals.reduce((longest, one) => (one > longest ? one : longest), 0n) + GRACE_NS
  }

  /** End of the unbroken time from `fromNs` on that all its channels cover; `fromNs` when one does not. */
  coveredUntil(fromNs: bigint): bigint {
    return this.#accounts
      .map(({ timeline }) => timeline.coveredUntil(fromNs))
      .reduce((least, one) => (one < least ? one : least))
  }

  /** First time after `fromNs` at which every channel that does not cover `fromNs` begins to; null while unknown. */
  nextStart(fromNs: bigint): bigint | null {
    let latest: bigint | null = null
    for (const { timeline } of this.#accounts) {
      if (timeline.coveredUntil(fromNs) > fromNs) continue
      const startNs = timeline.nextStart(fromNs)
      if (startNs === null) return null
      if (latest === null || startNs > latest) latest = startNs
    }
    return latest
  }

  post(startNs: bigint, endNs: bigint): NodePosting {
    const budget = new UncertaintyBudget()
    const byScope = new Map<Scope, bigint>()
    let energyUj = 0n
    for (const { channel, timeline } of this.#accounts) {
      const partUj = timeline.take(startNs, endNs)
      energyUj += partUj
      byScope.set(channel.scope, (byScope.get(channel.scope) ?? 0n) + partUj)
      budget.add(channel.sensor, Number(partUj) * channel.relativeUncertainty)
    }
    const restUj = this.#remainder(byScope, endNs - startNs)
    budget.add('remainder', Number(restUj) * REMAINDER_RELATIVE_UNCERTAINTY)
    return {
      startNs,
      endNs,
      meter: this.meter,
      quality: this.#quality,
      energyUj: energyUj + restUj,
      uncertaintyUj: BigInt(Math.round(budget.combined())),
      remainderUj: restUj,
    }
  }

  #remainder(byScope: ReadonlyMap<Scope, bigint>, durationNs: bigint): bigint {
    if (this.#memoryGb === null) return 0n
    const module = byScope.get('module')
    return remainderUj(
      {
        packageUj: byScope.get('package') ?? 0n,
        // A module (Grace) has its memory inside.
        dramUj: byScope.get('dram') ?? (module === undefined ? null : 0n),
        gpuUj: (byScope.get('gpu') ?? 0n) + (module ?? 0n),
      },
      this.#memoryGb,
      durationNs,
    )
  }
}

/** A board's own meter comes after every meter of the machine's supply: DESIGN section 4.5. */
const PSYS_HANDICAP = 1_000

/** Scopes of components. Where two sensors meter the same ones, the first named counts; accelerators are all distinct. */
const ONE_SENSOR_SCOPES: readonly Scope[] = ['package', 'dram', 'module']
const SENSOR_ORDER: readonly string[] = ['rapl', 'nvml', 'hwmon']

/** The ways to know the node's energy with these channels, best first. */
export function nodeSources(accounts: readonly ChannelAccount[], wanted: string, memoryGb: number): NodeSource[] {
  const ranked = meters(accounts)
  const parts = components(accounts.filter(({ channel }) => channel.component))
  const isWhole = parts.some(({ channel }) => channel.scope === 'package' || channel.scope === 'module')
  const sum = isWhole ? [new NodeSource('components', 'derived', parts, memoryGb)] : []
  const isEstimate = (source: Ranked) => source.channel.quality === 'estimated'
  const sources = [
    ...ranked.filter((source) => !isEstimate(source)).map(toSource),
    ...sum,
    ...ranked.filter(isEstimate).map(toSource),
  ]
  return wanted === 'auto' ? sources : sources.filter(({ meter }) => meter === wanted)
}

interface Ranked {
  readonly meter: string
  readonly channel: Channel
  readonly accounts: readonly ChannelAccount[]
}

function toSource({ meter, channel, accounts }: Ranked): NodeSource {
  return new NodeSource(meter, channel.quality, accounts, null)
}

function meters(accounts: readonly ChannelAccount[]): Ranked[] {
  const groups = Map.groupBy(
    accounts.filter(({ channel }) => channel.nodeMeter !== null),
    ({ channel }) => channel.nodeMeter?.meter ?? '',
  )
  const order = ({ scope, nodeMeter }: Channel) => (scope === 'psys' ? PSYS_HANDICAP : 0) + (nodeMeter?.rank ?? 0)
  return [...groups]
    .flatMap(([meter, group]) => (group[0] ? [{ meter, channel: group[0].channel, accounts: group }] : []))
    .sort((a, b) => order(a.channel) - order(b.channel))
}

function components(parts: readonly ChannelAccount[]): ChannelAccount[] {
  const chosen = parts.filter(({ channel }) => {
    if (!ONE_SENSOR_SCOPES.includes(channel.scope)) return true
    const rivals = parts.filter((other) => other.channel.scope === channel.scope).map((other) => other.channel.sensor)
    return SENSOR_ORDER.find((sensor) => rivals.includes(sensor)) === channel.sensor
  })
  const module = chosen.find(({ channel }) => channel.scope === 'module')?.channel
  if (module === undefined) return chosen
  // A module contains its processor, its memory and its accelerator. NVML tells that one from others in the chassis.
  const isApart = ({ scope, sensor }: Channel) => scope === 'module' || (scope === 'gpu' && sensor === module.sensor)
  return chosen.filter(({ channel }) => isApart(channel))
}
