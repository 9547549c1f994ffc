import type { LeafEnergy } from '../model/attribution.ts'
import type { NodeModelState } from '../model/batch.ts'
import { most } from '../model/bigint.ts'
import { NS_PER_S, UJ_PER_J } from '../model/units.ts'
import { isCoupled, type LearnedMeter, parseMeter, saveMeter } from './learned-meter.ts'
import type { Chips } from './node-model/chips.ts'
import type { Fault } from './node-model/gate.ts'
import { NodeModel } from './node-model/node-model.ts'
import { type AccountEvent, energyOf } from './node-posting.ts'
import type { WholeMeter } from './whole-meter.ts'

interface Span {
  readonly startNs: bigint
  readonly endNs: bigint
}

/** A stretch that a meter of the whole machine decided. */
export interface Metered extends Span {
  readonly meter: Pick<WholeMeter, 'name' | 'channel' | 'isBehindSupply'>
  /** Channels that it was the sum of. */
  readonly members: number
  /** What each of them is wrong together with. */
  readonly factors: readonly string[]
  readonly wholeUj: bigint
  /** What the leaves' own meters told. */
  readonly shares: readonly LeafEnergy[]
}

/** The leaves, what is beside them by the model, and how uncertain the sum is: k = 1, in µJ, by what is wrong together. */
export interface CoupledEnergy {
  readonly shares: readonly LeafEnergy[]
  readonly restUj: bigint
  readonly isBehindSupply: boolean
  readonly uncertainty: ReadonlyMap<string, number>
}

/** Shorter stretches are put together: a meter may be a second late, or update less often. */
const ROW_NS = 3n * NS_PER_S
/** A machine has other chips for good when it has had them for so long. */
const OTHER_CHIPS_NS = 600n * NS_PER_S
/** How long a meter was silent that an earlier run had: nobody knows, and by then the model drifts no faster. */
const EARLIER_NS = 3600n * NS_PER_S

const TOLD_EACH_NS = 3600n * NS_PER_S
/** A meter of minutes may miss one of them. */
const COMPARED_NS = 180n * NS_PER_S
/** A meter that is read no more often says little of now. */
const SELDOM_NS = 10n * NS_PER_S

/** The model of each meter of the whole machine, which stands in for it while it is silent. */
export class Coupling {
  readonly #wanted: string
  readonly #meters = new Map<string, LearnedMeter>()
  #last: LearnedMeter | null = null
  #open: Metered | null = null
  #otherSinceNs: bigint | null = null
  #residualW: number | null = null

  /**
   * @param wanted `node.meter`
   * @param saved of earlier runs
   */
  constructor(wanted: string, saved: readonly NodeModelState[], nowNs: bigint) {
    this.#wanted = wanted
    for (const { meter, changes, isNewest, learned } of saved) {
      const known = parseMeter(meter, changes, learned, nowNs - EARLIER_NS)
      this.#meters.set(meter, known)
      if (isNewest) this.#last = known
    }
  }

  /** Of meters that were learned. */
  get states(): readonly NodeModelState[] {
    return [...this.#meters.values()].flatMap((meter) => saveMeter(meter, meter === this.#last) ?? [])
  }

  /** What the meter told in the last row less what its chips said, in W; null where nothing is compared. */
  residualW(nowNs: bigint): number | null {
    return nowNs - (this.#last?.lastNs ?? nowNs) > COMPARED_NS ? null : this.#residualW
  }

  learn(metered: Metered, events: AccountEvent[]): void {
    if (metered.meter.channel.quality !== 'measured') return
    const open = this.#open === null ? metered : joined(this.#open, metered)
    this.#open = open ?? metered
    if (open === null || open.endNs - open.startNs < ROW_NS) return
    this.#open = null
    const known = this.#meterOf(open)
    if (known === null || !known.leaves.some((name) => name.startsWith('processors/'))) return
    known.lastNs = open.endNs
    this.#last = known
    const row = { startS: secondsOf(open.startNs), endS: secondsOf(open.endNs), wholeW: wattsOf(open.wholeUj, open) }
    const { isChanged, fault, residualW } = known.model.learn({ ...row, ...chipsOf(open.shares, open) })
    this.#residualW = residualW
    if (fault !== null) tellFault(known, fault, events)
    if (isChanged) tellChange(known, residualW ?? 0, open.endNs, events)
  }

  /** What a machine of these leaves draws while no meter of the whole tells; null where nothing is known of it. */
  restOf(shares: readonly LeafEnergy[], span: Span): CoupledEnergy | null {
    const last = this.#usable
    if (last === null || !isCoupled(last, shares)) return null
    const prediction = last.model.predict(chipsOf(shares, span), secondsOf(span.endNs - last.lastNs))
    if (prediction === null) return null
    const wholeUj = (microOf(prediction.wholeW) * (span.endNs - span.startNs)) / NS_PER_S
    const fitted = withinWhole(shares, wholeUj)
    // The model has the gain of the meter that taught it.
    const ofMeter = last.factors.map(
      (factor) => [factor, (Number(wholeUj) / last.members) * last.relativeUncertainty] as const,
    )
    const uncertainty = new Map([...ofMeter, ['node model', Number(wholeUj) * prediction.lastingUncertainty] as const])
    const restUj = most(wholeUj - energyOf(fitted), 0n)
    return { shares: fitted, restUj, isBehindSupply: last.isBehindSupply, uncertainty }
  }

  /**
   * Power now of a meter that is read seldom: as the chips have it, and as far off as they were in its last row. In µW; null
   * where the last reading is the better figure.
   */
  powerUw({ name, channel }: Metered['meter'], shares: readonly LeafEnergy[], nowNs: bigint): bigint | null {
    const last = this.#usable
    const isSeldom = channel.intervalNs >= SELDOM_NS && last?.name === name && this.#residualW !== null
    if (last === null || !isSeldom || !isCoupled(last, shares)) return null
    const prediction = last.model.predict(chipsOf(shares, { startNs: nowNs - NS_PER_S, endNs: nowNs }), 0)
    return prediction && microOf(Math.max(prediction.wholeW + (this.#residualW ?? 0), 0))
  }

  get #usable(): LearnedMeter | null {
    const last = this.#last
    return last !== null && (this.#wanted === 'auto' || this.#wanted === last.name) ? last : null
  }

  /** The model of the meter; null while the machine has other chips than those it was learned with, and may have them again. */
  #meterOf({ meter, members, factors, shares, endNs }: Metered): LearnedMeter | null {
    const { name, channel, isBehindSupply } = meter
    const known = this.#meters.get(name)
    const isSame = known !== undefined && known.members === members && isCoupled(known, shares)
    if (isSame) this.#otherSinceNs = null
    if (isSame) return known
    this.#otherSinceNs ??= endNs
    if (known !== undefined && endNs - this.#otherSinceNs < OTHER_CHIPS_NS) return null
    this.#otherSinceNs = null
    const fresh: LearnedMeter = {
      name,
      members,
      isBehindSupply,
      leaves: shares.map(({ leaf }) => leaf).sort(),
      factors,
      relativeUncertainty: channel.relativeUncertainty,
      model: new NodeModel(),
      changes: known?.changes ?? 0n,
      toldFaults: new Set(),
      toldChangeNs: null,
      lastNs: endNs,
    }
    this.#meters.set(name, fresh)
    return fresh
  }
}

/** Once for each, since a meter may be true and false by turns. */
function tellFault(known: LearnedMeter, fault: Fault, events: AccountEvent[]): void {
  if (known.toldFaults.has(fault)) return
  known.toldFaults.add(fault)
  events.push({ what: 'meter_not_learned', detail: `${known.name} does not go with the meters of the parts: ${fault}` })
}

/** Counts each. Where something that no meter sees comes and goes, an hour has one event. */
function tellChange(known: LearnedMeter, residualW: number, nowNs: bigint, events: AccountEvent[]): void {
  known.changes += 1n
  if (known.toldChangeNs !== null && nowNs - known.toldChangeNs < TOLD_EACH_NS) return
  known.toldChangeNs = nowNs
  const differs = `${known.name} tells ${Math.abs(Math.round(residualW))} W ${residualW > 0 ? 'more' : 'less'}`
  const causes = 'a part was added, taken or failed, or a meter is wrong'
  const detail = `${differs} than the meters of the parts would have it since it was learned: ${causes}`
  events.push({ what: 'model_changed', detail })
}

/** Both as one stretch; null where the later one does not go on with the same. */
function joined(open: Metered, next: Metered): Metered | null {
  const isSame =
    open.endNs === next.startNs &&
    open.meter.name === next.meter.name &&
    open.members === next.members &&
    open.shares.length === next.shares.length &&
    open.shares.every(({ leaf }, index) => leaf === next.shares[index]?.leaf)
  if (!isSame) return null
  const shares = open.shares.map((share, index) => ({
    ...share,
    energyUj: share.energyUj + (next.shares[index]?.energyUj ?? 0n),
  }))
  return { ...next, startNs: open.startNs, wholeUj: open.wholeUj + next.wholeUj, shares }
}

/** What models say of leaves is part of what the model of the whole says, and no more than it leaves to them. */
function withinWhole(shares: readonly LeafEnergy[], wholeUj: bigint): readonly LeafEnergy[] {
  const modelledUj = energyOf(shares.filter(({ quality }) => quality === 'estimated'))
  const roomUj = most(wholeUj - (energyOf(shares) - modelledUj), 0n)
  if (modelledUj <= roomUj) return shares
  return shares.map((share) =>
    share.quality === 'estimated' ? { ...share, energyUj: (share.energyUj * roomUj) / modelledUj } : share,
  )
}

function chipsOf(shares: readonly LeafEnergy[], span: Span): Chips {
  const of = (part: LeafEnergy['part']): number =>
    wattsOf(energyOf(shares.filter((one) => one.part === part && one.quality !== 'estimated')), span)
  return { processorsW: of('processors'), memoryW: of('memory'), acceleratorsW: of('accelerators') }
}

function wattsOf(energyUj: bigint, { startNs, endNs }: Span): number {
  return Number(energyUj) / Number(UJ_PER_J) / secondsOf(endNs - startNs)
}

const secondsOf = (ns: bigint): number => Number(ns) / Number(NS_PER_S)

const microOf = (watts: number): bigint => BigInt(Math.round(watts * 1e6))
