import type { Channel, Scope } from '../model/channel.ts'
import { comparePart, compareWhole } from '../model/meters.ts'
import type { Quality } from '../model/posting.ts'
import { NS_PER_S } from '../model/units.ts'
import type { ChannelAccount } from './channel-account.ts'
import { MEMORY_UNCERTAINTY, OVERHEAD_UNCERTAINTY, type Unmetered, unmetered } from './remainder.ts'
import type { Supply } from './supply.ts'
import { inQuadrature, UncertaintyBudget } from './uncertainty.ts'

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

/** What is between the machine's input and the channels of a source. */
interface BehindInput {
  /** Set where the channels meter the DC side. */
  readonly supply?: Supply
  /** Set for the sum of components, of which some are modelled. */
  readonly memoryGb?: number
}

/** What is known of the machine besides its channels. */
export interface MachineModel {
  readonly supply: Supply
  /** Installed memory in GB, for what no channel meters. */
  readonly memoryGb: number
}

/** A way to know the energy of the whole machine: one meter, several that add up to it, or the sum of its components. */
export class NodeSource {
  readonly meter: string
  readonly #quality: Quality
  readonly #accounts: readonly ChannelAccount[]
  readonly #behind: BehindInput

  constructor(meter: string, quality: Quality, accounts: readonly ChannelAccount[], behind: BehindInput = {}) {
    this.meter = meter
    this.#quality = quality
    this.#accounts = accounts
    this.#behind = behind
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

  /**
   * The account's energy is that at the machine's input, which PUE and tariffs refer to. The loss follows the power of the
   * whole posting, so what several postings lose is not quite what one over their time does.
   */
  post(startNs: bigint, endNs: bigint): NodePosting {
    const { supply } = this.#behind
    const durationNs = endNs - startNs
    const budget = new UncertaintyBudget()
    const byScope = new Map<Scope, bigint>()
    let meteredUj = 0n
    for (const { channel, timeline } of this.#accounts) {
      const partUj = timeline.take(startNs, endNs)
      meteredUj += partUj
      byScope.set(channel.scope, (byScope.get(channel.scope) ?? 0n) + partUj)
      budget.add(channel.sensor, Number(partUj) * channel.relativeUncertainty)
    }
    const { memoryUj, overheadUj } = this.#unmetered(byScope, durationNs)
    budget.add('memory', Number(memoryUj) * MEMORY_UNCERTAINTY)
    budget.add('overhead', Number(overheadUj) * OVERHEAD_UNCERTAINTY)
    const dcUj = meteredUj + memoryUj + overheadUj
    const lossUj = supply?.lossUj(dcUj, durationNs) ?? 0n
    const energyUj = dcUj + lossUj
    // What is uncertain behind the supply is so before it, in proportion.
    const behindUj = dcUj > 0n ? (budget.combined() * Number(energyUj)) / Number(dcUj) : 0
    const uncertaintyUj = inQuadrature([behindUj, Number(lossUj) * (supply?.relativeUncertainty ?? 0)])
    return {
      startNs,
      endNs,
      meter: this.meter,
      quality: this.#quality,
      energyUj,
      uncertaintyUj: BigInt(Math.round(uncertaintyUj)),
      remainderUj: energyUj - meteredUj,
    }
  }

  #unmetered(byScope: ReadonlyMap<Scope, bigint>, durationNs: bigint): Unmetered {
    const { memoryGb } = this.#behind
    if (memoryGb === undefined) return { memoryUj: 0n, overheadUj: 0n }
    // A module (Grace) has its memory inside.
    const dramUj = byScope.get('dram') ?? (byScope.has('module') ? 0n : null)
    return unmetered({ packageUj: byScope.get('package') ?? 0n, dramUj }, memoryGb, durationNs)
  }
}

/** Scopes of components of which one sensor counts; accelerators are all distinct. */
const ONE_SENSOR_SCOPES: readonly Scope[] = ['package', 'dram', 'module']

/** The ways to know the node's energy with these channels, best first. */
export function nodeSources(accounts: readonly ChannelAccount[], wanted: string, machine: MachineModel): NodeSource[] {
  const ranked = meters(accounts)
  const parts = components(accounts.filter(({ channel }) => channel.hardware !== null))
  const isWhole = parts.some(({ channel }) => channel.scope === 'package' || channel.scope === 'module')
  const sum = isWhole ? [new NodeSource('components', 'derived', parts, machine)] : []
  const toSource = (source: Ranked) => sourceOf(source, machine.supply)
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

const DC_SCOPES: readonly Scope[] = ['psys', 'dc_node']

/** A meter behind the supply leaves its loss to a model. The estimate has that of its servers, which were metered before it. */
function sourceOf({ meter, channel, accounts }: Ranked, supply: Supply): NodeSource {
  const isBehindSupply = DC_SCOPES.includes(channel.scope) && channel.quality !== 'estimated'
  return isBehindSupply
    ? new NodeSource(meter, 'derived', accounts, { supply })
    : new NodeSource(meter, channel.quality, accounts)
}

function meters(accounts: readonly ChannelAccount[]): Ranked[] {
  const groups = Map.groupBy(
    accounts.filter(({ channel }) => channel.nodeMeter !== null),
    ({ channel }) => channel.nodeMeter ?? '',
  )
  return [...groups]
    .flatMap(([meter, group]) => (group[0] ? [{ meter, channel: group[0].channel, accounts: group }] : []))
    .sort((a, b) => compareWhole(a.channel, b.channel))
}

function components(parts: readonly ChannelAccount[]): ChannelAccount[] {
  const chosen = parts.filter(({ channel }) => {
    if (!ONE_SENSOR_SCOPES.includes(channel.scope)) return true
    const rivals = parts.map((other) => other.channel).filter(({ scope }) => scope === channel.scope)
    return rivals.toSorted(comparePart)[0]?.sensor === channel.sensor
  })
  const module = chosen.find(({ channel }) => channel.scope === 'module')?.channel
  if (module === undefined) return chosen
  // A module contains its processor, its memory and its accelerator. NVML tells that one from others in the chassis.
  const isApart = ({ scope, sensor }: Channel) => scope === 'module' || (scope === 'gpu' && sensor === module.sensor)
  return chosen.filter(({ channel }) => isApart(channel))
}
