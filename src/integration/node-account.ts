import type { LeafEnergy } from '../model/attribution.ts'
import type { NodeState } from '../model/batch.ts'
import { least, most } from '../model/bigint.ts'
import type { IntegrationOptions } from './integration-options.ts'
import type { Leaf } from './leaf.ts'
import { channelSource, type LeafSource } from './leaf-source.ts'
import { Learned } from './learned.ts'
import { contains, type MachineTree } from './machine-tree.ts'
import { MeterCheck } from './meter-check.ts'
import { type AccountEvent, type Coverage, energyOf, type LeafGap, type NodePosting } from './node-posting.ts'
import { beforeSupply, complementShares, OpenWindow, type SettledLeaf } from './open-window.ts'
import { OpenWindows } from './open-windows.ts'
import { Siblings } from './siblings.ts'
import { SourceLog } from './source-log.ts'
import { UncertaintyBudget } from './uncertainty.ts'
import type { WholeMeter, WholeStatus } from './whole-meter.ts'

/** What one call of `advance` settled. */
export interface Settlement {
  readonly postings: NodePosting[]
  readonly coverage: Coverage[]
  readonly leafGaps: LeafGap[]
  readonly events: AccountEvent[]
}

type AccountOptions = Pick<IntegrationOptions, 'machine' | 'meter' | 'restored'>

interface Whole {
  readonly meter: WholeMeter
  readonly members: Extract<WholeStatus, { kind: 'covered' }>['members']
  readonly untilNs: bigint
}

/**
 * The machine's one total: a sum of leaves and of what they leave to a complement, the rest and the supply's loss. Time is
 * decided once and in order: by a meter of the whole machine where one covers it, which makes the rest its total less the
 * leaves, and otherwise by the leaves alone, with a modelled rest. In decided time without such a meter a leaf may still
 * come late. It is waited for alone, and counted when it is there.
 */
export class NodeAccount {
  readonly learned: Learned
  #tree: MachineTree = { wholes: [], leaves: [] }
  #decidedNs: bigint
  readonly #open: OpenWindows
  readonly #check = new MeterCheck()
  readonly #sources = new SourceLog()

  /** @param earlier what an earlier run under the same boot left of it, or null */
  constructor({ machine, meter, restored }: AccountOptions, nowNs: bigint, earlier: NodeState | null) {
    this.learned = new Learned(meter, machine.supply, restored, nowNs)
    this.#decidedNs = earlier?.settledNs ?? nowNs
    this.#open = new OpenWindows(
      this.learned.supply,
      this.learned.anchors,
      this.#decidedNs,
      earlier?.missing ?? [],
      earlier?.leaves ?? [],
      nowNs,
    )
  }

  /** What a restart at `nowNs` goes on from. */
  state(nowNs: bigint): Pick<NodeState, 'settledNs' | 'leaves' | 'missing'> {
    const metered = this.#tree.leaves.flatMap(({ name, meters }) => (meters.length > 0 ? name : []))
    return {
      settledNs: this.#decidedNs,
      leaves: [...new Set([...metered, ...this.#open.awaited(nowNs)])].sort(),
      missing: this.#open.missingUntil(this.#decidedNs),
    }
  }

  /** Postings of channels before this are of no use any more. */
  get neededNs(): bigint {
    return this.#open.startNs(this.#decidedNs)
  }

  get tree(): MachineTree {
    return this.#tree
  }

  /** What each leaf counts by: see `SourceLog`. */
  get sources(): ReadonlyMap<string, string> {
    return this.#sources.byLeaf
  }

  /** True while leaves measure more than the meter of the whole machine. */
  get isByLeaves(): boolean {
    return this.#check.isBelowParts
  }

  use(tree: MachineTree): void {
    this.#tree = { ...tree, leaves: tree.leaves.map((leaf) => this.learned.anchors.anchored(leaf)) }
    for (const { name, meters } of tree.leaves) if (meters.length > 0) this.#open.arrived(name)
    this.#sources.keepOnly(tree.leaves)
  }

  advance(nowNs: bigint): Settlement {
    const out: Settlement = { postings: [], coverage: [], leafGaps: [], events: [] }
    this.#open.settle(this.#tree.leaves, nowNs, (window, settled) => this.#settleInto(window, settled, out))
    while (this.#decide(nowNs, out)) {}
    return out
  }

  /** Decides the next stretch; false when it is too early to tell. */
  #decide(nowNs: bigint, out: Settlement): boolean {
    const whole = this.#wholeAt(this.#decidedNs, nowNs)
    if (whole === null) return false
    if (!('meter' in whole)) return this.#decideByLeaves(null, whole.untilNs, nowNs, out)
    if (this.#check.isBelowParts) return this.#decideByLeaves(whole, whole.untilNs, nowNs, out)
    return this.#decideByWhole(whole, nowNs, out)
  }

  /** The meter of the whole machine that covers a moment, or until when none does; null when it may still be told. */
  #wholeAt(fromNs: bigint, nowNs: bigint): Whole | { readonly untilNs: bigint } | null {
    let limitNs = nowNs
    for (const meter of this.#tree.wholes) {
      const status = meter.status(fromNs, nowNs)
      if (status.kind === 'pending') return null
      limitNs = least(limitNs, status.untilNs)
      if (status.kind === 'covered') return { meter, members: status.members, untilNs: limitNs }
    }
    return { untilNs: limitNs }
  }

  #decideByWhole({ meter, members, untilNs }: Whole, nowNs: bigint, out: Settlement): boolean {
    const startNs = this.#decidedNs
    let endNs = untilNs
    const sources = new Map<Leaf, LeafSource | null>()
    for (const leaf of this.#tree.leaves) {
      const status = leaf.status(startNs, nowNs, leaf.meters)
      if (status.kind === 'pending' && !status.isLate) return false
      endNs = least(endNs, status.untilNs)
      sources.set(leaf, status.kind === 'covered' ? status.source : null)
    }
    if (endNs <= startNs) return false
    const shares: LeafEnergy[] = []
    const leavesBudget = new UncertaintyBudget()
    const siblings = new Siblings(this.learned.anchors)
    for (const [leaf, source] of sources) {
      this.#sources.note(leaf.name, source?.name ?? 'rest', out.events)
      if (source === null) continue
      const energyUj = source.take(startNs, endNs)
      shares.push({ leaf: leaf.name, part: leaf.part, quality: source.quality, energyUj })
      leavesBudget.addEnergy(source, energyUj)
      siblings.add(leaf, { startNs, endNs }, energyUj, source.relativeUncertainty)
    }
    siblings.teach({ startNs, endNs })
    const [wholeUj, wholeBudget] = takeAll(members, startNs, endNs)
    const leavesUj = energyOf(shares)
    const compared = { meter: meter.name, members: members.length, startNs }
    const restUj = most(wholeUj - leavesUj - this.#check.debtUj(compared), 0n)
    const insideUj = leavesUj + restUj
    const lossUj = meter.isBehindSupply ? this.learned.supply.lossUj(insideUj, endNs - startNs) : 0n
    const factors = members.map((member) => channelSource(member).sharedFactor)
    const taught = { meter, members: members.length, factors, startNs, endNs, wholeUj, shares }
    this.learned.coupling.learn(taught, out.events)
    this.learned.learnSupply({ meter, members }, this.#tree.wholes, { startNs, endNs, wholeUj })
    const own = wholeBudget.contributions
    const posting: NodePosting = {
      startNs,
      endNs,
      meter: meter.name,
      shares: [...shares, ...complementShares(restUj, meter.channel.quality, lossUj, this.learned.supply.quality)],
      uncertainty: meter.isBehindSupply ? beforeSupply(own, insideUj, lossUj, this.learned.supply) : own,
    }
    out.postings.push(posting)
    this.#cover(endNs, posting, out)
    const comparison = {
      ...compared,
      endNs,
      wholeUj,
      wholeUncertaintyUj: wholeBudget.combined(),
      leavesUj,
      leavesUncertaintyUj: leavesBudget.combined(),
      countedUj: insideUj,
    }
    this.#check.add(comparison, out.events)
    return true
  }

  /** @param whole a meter that is not believed, and is compared with the leaves until it can be */
  #decideByLeaves(whole: Whole | null, limitNs: bigint, nowNs: bigint, out: Settlement): boolean {
    const startNs = this.#decidedNs
    let endNs = limitNs
    const awaited = this.#open.awaited(nowNs)
    const missing = new Set(awaited)
    const { leaves } = this.#tree
    const settling: Leaf[] = []
    const waiting: Leaf[] = []
    let isKnown = false
    let isMetered = false
    for (const leaf of leaves) {
      if (awaited.some((name) => contains(leaf.name, name))) {
        waiting.push(leaf)
        continue
      }
      const status = leaf.status(startNs, nowNs)
      if (status.kind === 'pending' && !status.isLate) return false
      endNs = least(endNs, status.untilNs)
      if (status.kind === 'pending') {
        missing.add(leaf.name)
        if (!status.isStill) waiting.push(leaf)
        continue
      }
      settling.push(leaf)
      isKnown ||= status.kind === 'covered' && !status.source.isConstant
      isMetered ||= status.kind === 'covered' && status.source.quality !== 'estimated'
    }
    if (whole !== null && !isMetered && missing.size === 0) {
      this.#check.stop('no part of the machine tells its energy', out.events)
      return this.#decideByWhole(whole, nowNs, out)
    }
    if (endNs <= startNs || (!isKnown && missing.size > 0)) return false
    if (!isKnown) {
      // What a constant model says is no account of a machine.
      for (const leaf of leaves) this.#sources.note(leaf.name, 'none', out.events)
      this.#cover(endNs, null, out)
      return true
    }
    // A meter of the whole machine that is not believed has taught nothing that is to be believed beside it.
    const coupling = whole === null && missing.size === 0 ? this.learned.coupling : null
    const window = new OpenWindow(
      { startNs, endNs },
      this.#sumName(),
      this.learned.supply,
      missing,
      this.learned.anchors,
      {
        coupling,
      },
    )
    for (const { name } of waiting) this.#sources.note(name, 'waiting', out.events)
    const posting = this.#settleInto(
      window,
      settling.map((leaf) => ({ leaf, pieces: leaf.pieces(startNs, endNs, nowNs) ?? [] })),
      out,
    )
    this.#cover(endNs, posting, out)
    if (missing.size > 0) this.#open.add(window)
    if (whole === null) this.#check.stop('the meter of the whole machine is gone', out.events)
    else if (missing.size === 0) this.#compareStill(whole, posting, out)
    return true
  }

  /** Whether the meter that is not believed can be believed again. */
  #compareStill({ meter, members }: Whole, { startNs, endNs, shares }: NodePosting, out: Settlement): void {
    const [wholeUj, wholeBudget] = takeAll(members, startNs, endNs)
    const comparison = {
      meter: meter.name,
      members: members.length,
      startNs,
      endNs,
      wholeUj,
      wholeUncertaintyUj: wholeBudget.combined(),
      leavesUj: energyOf(shares.filter(({ quality }) => quality === 'measured')),
      // The meter has to reach the leaves themselves before it counts again.
      leavesUncertaintyUj: 0,
      countedUj: wholeUj,
    }
    this.#check.add(comparison, out.events)
  }

  #settleInto(window: OpenWindow, settled: readonly SettledLeaf[], out: Settlement): NodePosting {
    const { posting, counted } = window.settle(settled)
    for (const { leaf, pieces } of counted) {
      this.#sources.note(leaf.name, pieces.at(-1)?.source?.name ?? 'none', out.events)
      for (const { startNs, endNs, source } of pieces) {
        if (source === null) out.leafGaps.push({ leaf: leaf.name, startNs, endNs })
      }
    }
    out.postings.push(posting)
    return posting
  }

  #cover(endNs: bigint, counted: NodePosting | null, out: Settlement): void {
    out.coverage.push({ startNs: this.#decidedNs, endNs, counted })
    this.#decidedNs = endNs
  }

  #sumName(): string {
    return this.#tree.leaves.some(({ meters }) => meters.length > 0) ? 'components' : 'estimate'
  }
}

/** Energy of the channels that add up to a meter, and what it may be off by. */
function takeAll(members: Whole['members'], startNs: bigint, endNs: bigint): readonly [bigint, UncertaintyBudget] {
  let sumUj = 0n
  const budget = new UncertaintyBudget()
  for (const member of members) {
    const source = channelSource(member)
    const energyUj = source.take(startNs, endNs)
    sumUj += energyUj
    budget.addEnergy(source, energyUj)
  }
  return [sumUj, budget]
}
