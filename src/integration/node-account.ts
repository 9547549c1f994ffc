import type { MissingLeaf, NodeState } from '../model/batch.ts'
import { LONGEST_AWAY_NS } from './channel-account.ts'
import { type Leaf, type LeafPiece, least } from './leaf.ts'
import type { LeafSource } from './leaf-source.ts'
import type { MachineTree } from './machine-tree.ts'
import { MeterCheck } from './meter-check.ts'
import type { AccountEvent, Coverage, EnergyShare, LeafGap, NodePosting } from './node-posting.ts'
import { beforeSupply, complementShares, OpenWindow } from './open-window.ts'
import { SourceLog } from './source-log.ts'
import type { Supply } from './supply.ts'
import { UncertaintyBudget } from './uncertainty.ts'
import type { WholeMeter, WholeStatus } from './whole-meter.ts'

/** What one call of `advance` settled. */
export interface Settlement {
  readonly postings: NodePosting[]
  readonly coverage: Coverage[]
  readonly leafGaps: LeafGap[]
  readonly events: AccountEvent[]
}

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
  readonly #supply: Supply
  #tree: MachineTree = { wholes: [], leaves: [] }
  #decidedNs: bigint
  #open: OpenWindow[] = []
  /** Leaves of an earlier run that no sensor has shown yet. */
  #awaited = new Map<string, bigint>()
  readonly #check = new MeterCheck()
  readonly #sources = new SourceLog()

  /**
   * @param fromNs where the account begins or goes on
   * @param missing leaves that an earlier run had not settled up to there
   * @param known names of the leaves that it had
   */
  constructor(supply: Supply, fromNs: bigint, missing: readonly MissingLeaf[] = [], known: readonly string[] = []) {
    this.#supply = supply
    this.#decidedNs = fromNs
    for (const name of known) this.#awaited.set(name, fromNs + LONGEST_AWAY_NS)
    for (const [sinceNs, leaves] of Map.groupBy(missing, ({ sinceNs }) => sinceNs)) {
      const names = leaves.map(({ name }) => name)
      if (sinceNs < fromNs)
        this.#open.push(new OpenWindow({ startNs: sinceNs, endNs: fromNs }, 'components', supply, names))
    }
  }

  /** What a restart goes on from. */
  get state(): Pick<NodeState, 'settledNs' | 'leaves' | 'missing'> {
    const leaves = this.#tree.leaves.flatMap(({ name, meters }) => (meters.length > 0 ? name : []))
    return { settledNs: this.#decidedNs, leaves: leaves.sort(), missing: this.#missing }
  }

  /** Postings of channels before this are of no use any more. */
  get neededNs(): bigint {
    return this.#open.reduce((ns, { startNs }) => least(ns, startNs), this.#decidedNs)
  }

  /** Leaves that are not settled up to `decidedNs`, each with the beginning of its unbroken open time. */
  get #missing(): readonly MissingLeaf[] {
    const since = new Map<string, bigint>()
    let untilNs = this.#decidedNs
    for (const window of this.#open.toReversed()) {
      if (window.endNs !== untilNs) break
      untilNs = window.startNs
      for (const name of window.missing) since.set(name, window.startNs)
    }
    return [...since].map(([name, sinceNs]) => ({ name, sinceNs })).sort((a, b) => (a.name < b.name ? -1 : 1))
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
    this.#tree = tree
    for (const { name } of tree.leaves) this.#awaited.delete(name)
    this.#sources.keepOnly(tree.leaves)
  }

  advance(nowNs: bigint): Settlement {
    const out: Settlement = { postings: [], coverage: [], leafGaps: [], events: [] }
    this.#settleLate(nowNs, out)
    while (this.#decide(nowNs, out)) {}
    return out
  }

  /** Fills the leaves into open windows that are certain by now. */
  #settleLate(nowNs: bigint, out: Settlement): void {
    for (const window of this.#open) {
      const settled = [...window.missing].flatMap((name) => {
        const leaf = this.#tree.leaves.find((one) => one.name === name)
        const pieces =
          leaf?.pieces(window.startNs, window.endNs, nowNs) ?? (leaf ? null : this.#givenUp(name, window, nowNs))
        return pieces === null ? [] : [{ leaf: leaf ?? { name, part: 'rest' as const, isHost: false }, pieces }]
      })
      if (settled.length > 0) settleInto(window, settled, out)
    }
    this.#open = this.#open.filter(({ missing }) => missing.size > 0)
  }

  /** A leaf that is no part of the tree any more, or not yet. */
  #givenUp(name: string, { startNs, endNs }: OpenWindow, nowNs: bigint): readonly LeafPiece[] | null {
    return (this.#awaited.get(name) ?? nowNs) > nowNs ? null : [{ startNs, endNs, source: null }]
  }

  /** Decides the next stretch; false when it is too early to tell. */
  #decide(nowNs: bigint, out: Settlement): boolean {
    const fromNs = this.#decidedNs
    const whole = this.#wholeAt(fromNs, nowNs)
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
    const metered = new Map<Leaf, LeafSource>()
    for (const leaf of this.#tree.leaves) {
      const status = leaf.status(startNs, nowNs, leaf.meters)
      if (status.kind === 'pending') {
        if (!status.isLate) return false
      } else endNs = least(endNs, status.untilNs)
      if (status.kind === 'covered') metered.set(leaf, status.source)
    }
    if (endNs <= startNs) return false
    const shares: EnergyShare[] = []
    const leavesBudget = new UncertaintyBudget()
    for (const leaf of this.#tree.leaves) {
      const source = metered.get(leaf)
      this.#sources.note(leaf.name, source?.name ?? 'rest', out.events)
      if (source === undefined) continue
      const energyUj = source.take(startNs, endNs)
      shares.push({ part: leaf.part, quality: source.quality, energyUj })
      leavesBudget.add(source.sharedFactor, Number(energyUj) * source.relativeUncertainty)
    }
    const wholeUj = takeAll(members, startNs, endNs)
    const leavesUj = shares.reduce((sum, { energyUj }) => sum + energyUj, 0n)
    const balanceUj = wholeUj - leavesUj - this.#check.debtUj
    const restUj = balanceUj > 0n ? balanceUj : 0n
    const insideUj = leavesUj + restUj
    const lossUj = meter.isBehindSupply ? this.#supply.lossUj(insideUj, endNs - startNs) : 0n
    const own = new Map([[meter.channel.sensor, uncertaintyOf(meter, wholeUj)]])
    out.postings.push({
      startNs,
      endNs,
      meter: meter.name,
      shares: [...shares, ...complementShares(restUj, meter.channel.quality, lossUj, this.#supply.quality)],
      uncertainty: meter.isBehindSupply ? beforeSupply(own, insideUj, lossUj, this.#supply) : own,
    })
    out.coverage.push({ startNs, endNs, meter: meter.name, isCovered: true })
    this.#decidedNs = endNs
    this.#check.add(
      startNs,
      {
        endNs,
        wholeUj,
        wholeUncertaintyUj: uncertaintyOf(meter, wholeUj),
        leavesUj,
        leavesUncertaintyUj: leavesBudget.combined(),
        countedUj: insideUj,
      },
      meter.name,
      out.events,
    )
    return true
  }

  /** @param whole a meter that is not believed, and is compared with the leaves until it can be */
  #decideByLeaves(whole: Whole | null, limitNs: bigint, nowNs: bigint, out: Settlement): boolean {
    const startNs = this.#decidedNs
    let endNs = limitNs
    const missing = new Set([...this.#awaited].filter(([, untilNs]) => nowNs < untilNs).map(([name]) => name))
    const { leaves } = this.#tree
    const settling: Leaf[] = []
    let isKnown = false
    for (const leaf of leaves) {
      const status = leaf.status(startNs, nowNs)
      if (status.kind !== 'pending') {
        endNs = least(endNs, status.untilNs)
        settling.push(leaf)
        isKnown ||= status.kind === 'covered' && !status.source.isConstant
      } else if (status.isLate) missing.add(leaf.name)
      else return false
    }
    if (endNs <= startNs || (!isKnown && missing.size > 0)) return false
    const meter = this.#sumName()
    this.#decidedNs = endNs
    if (!isKnown) {
      // What a constant model says is no account of a machine.
      out.coverage.push({ startNs, endNs, meter, isCovered: false })
      for (const leaf of leaves) this.#sources.note(leaf.name, 'none', out.events)
      return true
    }
    const window = new OpenWindow({ startNs, endNs }, meter, this.#supply, missing)
    const settled = settling.map((leaf) => {
      const pieces = leaf.pieces(startNs, endNs, nowNs) ?? []
      this.#sources.note(leaf.name, pieces[0]?.source?.name ?? 'none', out.events)
      return { leaf, pieces }
    })
    for (const leaf of leaves) if (missing.has(leaf.name)) this.#sources.note(leaf.name, 'waiting', out.events)
    const posting = settleInto(window, settled, out)
    out.coverage.push({ startNs, endNs, meter, isCovered: true })
    if (missing.size > 0) this.#open.push(window)
    if (whole === null) this.#check.stop(out.events)
    else if (missing.size === 0) this.#compareStill(whole, startNs, endNs, posting, out)
    return true
  }

  /** Whether the meter that is not believed can be believed again. */
  #compareStill(
    { meter, members }: Whole,
    startNs: bigint,
    endNs: bigint,
    { shares }: NodePosting,
    out: Settlement,
  ): void {
    const wholeUj = takeAll(members, startNs, endNs)
    const leavesUj = shares.reduce((sum, { quality, energyUj }) => sum + (quality === 'measured' ? energyUj : 0n), 0n)
    this.#check.add(
      startNs,
      {
        endNs,
        wholeUj,
        wholeUncertaintyUj: uncertaintyOf(meter, wholeUj),
        leavesUj,
        // The meter has to reach the leaves themselves before it counts again.
        leavesUncertaintyUj: 0,
        countedUj: wholeUj,
      },
      meter.name,
      out.events,
    )
  }

  #sumName(): string {
    return this.#tree.leaves.some(({ meters }) => meters.length > 0) ? 'components' : 'estimate'
  }
}

function takeAll(members: Whole['members'], startNs: bigint, endNs: bigint): bigint {
  return members.reduce((sum, { timeline }) => sum + timeline.take(startNs, endNs), 0n)
}

function uncertaintyOf({ channel }: WholeMeter, energyUj: bigint): number {
  return Number(energyUj) * channel.relativeUncertainty
}

function settleInto(window: OpenWindow, settled: Parameters<OpenWindow['settle']>[0], out: Settlement): NodePosting {
  for (const { leaf, pieces } of settled) {
    for (const { startNs, endNs, source } of pieces) {
      if (source === null) out.leafGaps.push({ leaf: leaf.name, startNs, endNs })
    }
  }
  const posting = window.settle(settled)
  out.postings.push(posting)
  return posting
}
