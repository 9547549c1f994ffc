import type {
  AcceleratorSharing,
  AttributedPosting,
  AttributionAccount,
  AttributionBatch,
  AttributionState,
  AttributionTotals,
} from '../model/attribution.ts'
import { least } from '../model/bigint.ts'
import type { Clock } from '../model/clock.ts'
import { accountable, type Consumer, SYSTEM, UNATTRIBUTED } from '../model/consumer.ts'
import { addFigures, type Footprint, figuresLess, figuresOf, footprintOf, NO_FIGURES } from '../model/footprint.ts'
import type { Logger } from '../model/logger.ts'
import { floorTo, HOUR_MS } from '../model/time.ts'
import { NS_PER_MS, NS_PER_S } from '../model/units.ts'
import { AcceleratorTimeline } from './accelerator-timeline.ts'
import type { AcceleratorUse } from './accelerator-use.ts'
import type { Capacity } from './capacity.ts'
import { claimsOf } from './claims.ts'
import { Exported } from './exported.ts'
import { FootprintShares } from './footprint-shares.ts'
import { type BookedPiece, cutAtHours, joinedPiece, withFigures } from './hours.ts'
import { IdleBook } from './idle-book.ts'
import type { LoadCurves } from './load-curves.ts'
import { type TakeOwn, tellOwn } from './own-shares.ts'
import { PartBook } from './part-book.ts'
import type { Take } from './pool.ts'
import { Presence } from './presence.ts'
import { NOTHING, type Part, RowBook, type Sums, sumsOf } from './row-book.ts'
import type { Energy } from './series.ts'
import { Splitter, type TakePart } from './splitter.ts'
import type { CpuUse } from './usage.ts'
import { UseTimeline } from './use-timeline.ts'

/** What follows the control groups of this machine. */
export interface UseSource {
  /** False where there are none, or they may not be read. */
  readonly isReading: boolean
  /** Of the tree that tells the weights. */
  readonly weights: 1 | 2
  /** The next use after the last that was taken; null when nobody looked since. */
  take(): CpuUse | null
  /** Before the first use is taken: what `lastUse` was when an earlier process ended, so that the first is since then. */
  resume(lastUse: string): void
  /** What another process goes on from; empty before the first use. */
  readonly lastUse: string
}

/** What follows the accelerators of this machine. */
export interface AcceleratorSource {
  /** Uses since the last call, in order of time. */
  take(): readonly AcceleratorUse[]
  /** How each card is shared now. */
  readonly cards: readonly AcceleratorSharing[]
}

export interface AttributionOptions {
  readonly source: UseSource
  readonly accelerators: AcceleratorSource
  readonly capacity: () => Capacity
  readonly curves: LoadCurves
  readonly tenantOf: (consumer: Consumer) => string
  /** What the books have of the node by now: a posting is booked before it comes here. */
  readonly booked: () => Footprint
  readonly takeOwn: TakeOwn
  readonly maxSeries: number
  readonly unallocated: 'separate' | 'spread'
  readonly clock: Clock
  readonly logger: Logger
}

/** Energy waits no longer for the use of its time: a pass that takes this long hangs. */
const PATIENCE_NS = 30n * NS_PER_S
/** At the end, and after a pass that hung, the newest use stands for so long after it too. */
const GRACE_NS = 2n * NS_PER_S
/** A leaf that comes back after ten minutes brings hundreds at once: they need not all be split in one tick. */
const MOST_AT_ONCE = 50
const MOST_WAITING = 4_096

interface Waiting extends BookedPiece {
  readonly postedNs: bigint
}

/** Splits the node's energy among those who reserved and used the machine in exactly the time in which it was drawn. */
export class Attribution implements AttributionAccount {
  readonly #options: AttributionOptions
  readonly #uses = new UseTimeline()
  readonly #cards = new AcceleratorTimeline()
  readonly #rows = new RowBook()
  readonly #presence = new Presence()
  readonly #startedUnixMs: number
  #idle: IdleBook
  #splitter: Splitter
  #exported: Exported
  #parts = new PartBook([])
  readonly #footprints = new FootprintShares()
  /** What was booked until the last posting, and what of it has been given to consumers. */
  #bookedFigures = NO_FIGURES
  #attributedFigures = [...NO_FIGURES]
  #attributedUj = 0n
  #waiting: Waiting[] = []
  #isStalled = false
  #isTruncated = false

  constructor(options: AttributionOptions) {
    this.#options = options
    this.#startedUnixMs = options.clock.unixMs()
    this.#exported = new Exported({ maxSeries: options.maxSeries, restored: null })
    this.#idle = new IdleBook(options.curves, {})
    this.#splitter = this.#splitterWith(this.#idle)
  }

  /** What a killed process had not split is of nobody any more: the use of its time was only in memory. */
  restore(state: AttributionState | null, nodeUj: bigint, atUnixMs: number): void {
    this.#exported = new Exported({ maxSeries: this.#options.maxSeries, restored: state })
    this.#idle = new IdleBook(this.#options.curves, state?.idle ?? {})
    this.#splitter = this.#splitterWith(this.#idle)
    this.#parts = new PartBook(state?.parts ?? [])
    this.#options.source.resume(state?.lastUse ?? '')
    // What was drawn while nobody split is no backlog.
    this.#attributedUj = least(state?.attributedUj ?? nodeUj, nodeUj)
    this.#bookedFigures = figuresOf(this.#options.booked())
    const attributed = state ? figuresOf(state.attributedBooked) : this.#bookedFigures
    this.#attributedFigures = attributed.map((figure, index) => least(figure, this.#bookedFigures[index] ?? 0n))
    const lostUj = nodeUj - this.#attributedUj
    const lost = figuresLess(this.#bookedFigures, this.#attributedFigures)
    if (![lostUj, ...lost].some((one) => one > 0n)) return
    this.#give(floorTo(HOUR_MS, atUnixMs), UNATTRIBUTED, { ...NOTHING, dynamicUj: lostUj }, lost)
  }

  post(posting: AttributedPosting, startUnixMs: number): void {
    const postedNs = this.#options.clock.monotonicNs()
    for (const piece of withFigures(cutAtHours(posting, startUnixMs), this.#takeBooked())) {
      const last = this.#waiting.at(-1)
      const both = last ? joinedPiece(last, piece) : null
      if (last && both) this.#waiting.splice(-1, 1, { ...both, postedNs: last.postedNs })
      else this.#waiting.push({ ...piece, postedNs })
    }
  }

  collect(isLast: boolean): AttributionBatch {
    this.#advance(isLast)
    for (const consumer of this.#presence.present()) this.#export(consumer, NOTHING)
    const rows = this.#rows.take(this.#options.tenantOf)
    for (const { idleUj, dynamicUj } of rows) this.#attributedUj += idleUj + dynamicUj
    const waitingFromNs = this.#waiting.reduce<bigint | null>(
      (firstNs, { startNs }) => (firstNs === null ? startNs : least(firstNs, startNs)),
      null,
    )
    const state = {
      ...this.#exported.totals,
      parts: this.#partStates,
      attributedUj: this.#attributedUj,
      attributedBooked: footprintOf(this.#attributedFigures),
      idle: this.#idle.state,
      lastUse: this.#options.source.lastUse,
    }
    return { rows, idleRows: this.#parts.takeRows(), waitingFromNs, state }
  }

  /** Whether all that was posted of the time before a moment is split. */
  isSplitUntil(ns: bigint): boolean {
    this.#advance(false)
    return !this.#waiting.some(({ startNs }) => startNs < ns)
  }

  get totals(): AttributionTotals {
    this.#advance(false)
    const { cards: accelerators } = this.#options.accelerators
    return { ...this.#exported.totals, parts: this.#partStates, accelerators }
  }

  get #partStates(): ReturnType<PartBook['states']> {
    return this.#parts.states(this.#waiting.map(({ shares }) => shares))
  }

  #advance(isLast: boolean): void {
    this.#follow()
    const surplus = this.#waiting.length - MOST_WAITING
    const waiting: Waiting[] = []
    let splits = 0
    for (const [index, piece] of this.#waiting.entries()) {
      const mustGo = isLast || index < surplus
      const isKnown = this.#isKnown(piece)
      if (!mustGo && (splits >= MOST_AT_ONCE || !(isKnown || this.#isOverdue(piece)))) {
        waiting.push(piece)
        continue
      }
      splits++
      if (!mustGo && !isKnown) this.#sayStalled()
      this.#split(piece, isKnown ? 0n : GRACE_NS)
    }
    this.#waiting = waiting
    this.#sayGone()
    this.#exported.tick(this.#options.clock.unixMs())
  }

  /** Takes in who used the machine since the last look. */
  #follow(): void {
    const { source, accelerators } = this.#options
    // Without control groups all is the system's, also what a card draws.
    for (const use of accelerators.take()) if (source.isReading) this.#cards.add(use)
    for (let use = source.take(); use !== null; use = source.take()) this.#followUse(use)
  }

  #followUse(use: CpuUse): void {
    const { source, capacity } = this.#options
    this.#isStalled = false
    this.#uses.add(claimsOf(use, { capacity: capacity(), weights: source.weights }), use.isOutage)
    this.#presence.follow(use, (ns) => this.#unixMsOf(ns))
    if (use.truncated > 0) this.#sayTruncated(use.truncated)
  }

  #isKnown({ endNs, shares }: Waiting): boolean {
    if (shares.some(({ leaf }) => this.#cards.of(leaf).some((card) => this.#cards.isLate(card, endNs)))) return false
    const { newestNs } = this.#uses
    return !this.#options.source.isReading || (newestNs !== null && newestNs >= endNs)
  }

  #isOverdue({ postedNs }: Waiting): boolean {
    return this.#options.clock.monotonicNs() - postedNs > PATIENCE_NS
  }

  #split(piece: Waiting, graceNs: bigint): void {
    const unknown = this.#options.source.isReading ? UNATTRIBUTED : SYSTEM
    const parts = new Map<Consumer, Sums>()
    const takePart: TakePart = (part, idleUj, dynamicUj) => this.#parts.add(piece.hourUnixMs, part, idleUj, dynamicUj)
    const take: Take = (user, part, energyUj) => {
      tellOwn(user, part, energyUj, this.#options.takeOwn)
      const consumer = this.#presence.named(accountable(user))
      const sums = sumsOf(consumer, parts)
      if (part === 'idle') sums.idleUj += energyUj
      else sums.dynamicUj += energyUj
    }
    const users = this.#splitter.split(piece, graceNs, unknown, take, takePart)
    for (const user of users) tellOwn(user, 'dynamic', 0n, this.#options.takeOwn)
    // Time without energy has its part in the making of the machine.
    if (parts.size === 0) this.#give(piece.hourUnixMs, unknown, NOTHING, piece.figures)
    const shares = this.#footprints.divide(piece.figures, parts)
    parts.forEach((part, consumer) => {
      this.#give(piece.hourUnixMs, consumer, part, shares.get(consumer))
    })
  }

  #give(hourUnixMs: number, consumer: Consumer, part: Part, figures = NO_FIGURES): void {
    if (part.idleUj > 0n || part.dynamicUj > 0n) this.#rows.add(hourUnixMs, consumer, part)
    this.#export(consumer, { idleUj: part.idleUj, dynamicUj: part.dynamicUj, figures })
    addFigures(this.#attributedFigures, figures)
  }

  /** What was booked since the last call. */
  #takeBooked(): readonly bigint[] {
    const before = this.#bookedFigures
    this.#bookedFigures = figuresOf(this.#options.booked())
    return figuresLess(this.#bookedFigures, before)
  }

  /** Nothing is a sign of life. */
  #export(consumer: Consumer, part: Energy): void {
    const bornUnixMs = this.#presence.bornUnixMs(consumer) ?? this.#startedUnixMs
    this.#exported.add(consumer, this.#options.tenantOf(consumer), part, bornUnixMs)
  }

  /** Only once all energy of their time is theirs. */
  #sayGone(): void {
    const isAwaited = (goneNs: bigint) => this.#waiting.some(({ startNs }) => startNs < goneNs)
    for (const { consumer, atNs } of this.#presence.takeGone(isAwaited)) {
      this.#exported.gone(consumer, this.#unixMsOf(atNs))
    }
  }

  #unixMsOf(ns: bigint): number {
    const { clock } = this.#options
    return clock.unixMs() - Number((clock.monotonicNs() - ns) / NS_PER_MS)
  }

  #splitterWith(idle: IdleBook): Splitter {
    const isSpread = this.#options.unallocated === 'spread'
    return new Splitter({ uses: this.#uses, cards: this.#cards, idle, isSpread })
  }

  #sayStalled(): void {
    if (this.#isStalled) return
    this.#isStalled = true
    this.#options.logger.warn(
      { event: 'attribution_stalled' },
      `the control groups were not read for ${PATIENCE_NS / NS_PER_S} s: energy of this time is of the consumer "${UNATTRIBUTED.name}" until the kernel answers again`,
    )
  }

  #sayTruncated(folders: number): void {
    if (this.#isTruncated) return
    this.#isTruncated = true
    this.#options.logger.warn(
      { event: 'attribution_truncated', folders },
      `control groups that are too many, or that may not be read, are not followed (${folders}): what is used in them counts as that of the groups around them`,
    )
  }
}
