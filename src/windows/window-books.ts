import type { BookedPosting, NodeTaker } from '../model/node-taker.ts'
import type { WindowEnd, WindowRow } from '../model/window.ts'
import { EnergyHistory } from './energy-history.ts'
import { Grain } from './grain.ts'
import { MeasuredWindow } from './measured-window.ts'
import { Blocks } from './peak.ts'

/** Windows that have ended and are kept at hand: those of before are read from the ledger. */
const MOST_RECENT = 1_000

/** Where the ledger's account ended: what a restart goes on from. */
export interface LastKnown {
  readonly bootId: string
  readonly atUnixMs: number
  readonly atMonotonicNs: bigint
}

/**
 * Counts what is posted into the windows that are open then, and keeps the history. Each flush saves the windows with the
 * account that they were counted from, so that a killed agent goes on with both at the same moment.
 */
export class WindowBooks implements NodeTaker {
  readonly history = new EnergyHistory()
  readonly #grain = new Grain()
  readonly #blocks = new Blocks()
  /** Those of which more may be counted. */
  readonly #live = new Map<string, MeasuredWindow>()
  /** Final ones that no flush has saved yet, and after those the newest. */
  readonly #recent = new Map<string, MeasuredWindow>()
  #unsaved = new Set<MeasuredWindow>()
  readonly #waiting = new Set<{ readonly isOver: () => boolean; readonly done: () => void }>()
  readonly #isSplitUntil: (ns: bigint) => boolean
  #settledNs = 0n

  /** `isSplitUntil`: whether the energy of the time before a moment has been divided among its consumers. */
  constructor(isSplitUntil: (ns: bigint) => boolean = () => true) {
    this.#isSplitUntil = isSplitUntil
  }

  /** Takes up the windows of an earlier run. One of another boot has ended with it. */
  restore(rows: readonly WindowRow[], bootId: string, last: LastKnown | null): void {
    for (const row of rows) {
      const window = MeasuredWindow.from(row)
      this.#live.set(row.id, window)
      if (row.bootId === bootId) continue
      window.close(endOfBoot(row, last))
      this.#finish(window)
    }
  }

  post(posting: BookedPosting, startUnixMs: number): void {
    this.closeOverdue(posting.endNs)
    for (const piece of this.#grain.add(posting, startUnixMs)) this.#count(piece)
    const block = this.#blocks.add(posting)
    if (block !== null) for (const window of this.#live.values()) window.addPeak(block)
  }

  settle(untilNs: bigint): void {
    const piece = this.#grain.settle(untilNs)
    if (piece !== null) this.#count(piece)
    this.#settledNs = untilNs
    this.finishKnown()
  }

  /** Ends those of whose time all is counted. */
  finishKnown(): void {
    for (const window of this.#live.values()) {
      const { end, own } = window
      if (end === null || !this.isKnownUntil(end.ns)) continue
      if (own === null || this.#isSplitUntil(end.ns)) this.#finish(window)
    }
    for (const one of this.#waiting) if (one.isOver()) one.done()
  }

  /** Whether all energy of the time before a moment is counted. */
  isKnownUntil(ns: bigint): boolean {
    return this.#settledNs >= ns && (this.#grain.open?.startNs ?? ns) >= ns
  }

  /** Resolves when something has come true that postings bring about, or after the patience. */
  async until(isOver: () => boolean, patienceMs: number): Promise<void> {
    if (isOver() || patienceMs <= 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const one = { isOver, done: resolve }
    const timer = setTimeout(resolve, patienceMs)
    this.#waiting.add(one)
    await promise
    clearTimeout(timer)
    this.#waiting.delete(one)
  }

  /** What the command of a window got. `uid`: of the user in whose scope it runs; null for one that root made. */
  takeOwn(id: string, uid: string | null, part: 'idle' | 'dynamic', energyUj: bigint): void {
    const window = this.#live.get(id)
    if (window !== undefined && (uid === null || uid === `${window.facts.uid}`)) window.addOwn(part, energyUj)
  }

  /** Nobody waits any longer. */
  wake(): void {
    for (const { done } of this.#waiting) done()
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Has energy told apart at a moment: see `Grain`. */
  cutAt(ns: bigint): void {
    const piece = this.#grain.cutAt(ns)
    if (piece !== null) this.#count(piece)
  }

  /** Ends the windows whose limit is at or before a moment. */
  closeOverdue(ns: bigint): void {
    for (const window of this.openWindows) {
      if (window.limit.ns > ns) continue
      window.close(window.limit)
      this.cutAt(window.limit.ns)
    }
  }

  open(window: MeasuredWindow): void {
    this.#live.set(window.facts.id, window)
  }

  find(id: string): MeasuredWindow | null {
    return this.#live.get(id) ?? this.#recent.get(id) ?? null
  }

  /** All that are at hand, the newest last. */
  get atHand(): readonly MeasuredWindow[] {
    return [...this.#recent.values(), ...this.#live.values()]
  }

  get openWindows(): readonly MeasuredWindow[] {
    return [...this.#live.values()].filter(({ end }) => end === null)
  }

  /** Windows of which more may be counted. */
  get unfinished(): number {
    return this.#live.size
  }

  /** What the next flush saves: the windows that have changed since the last. */
  collect(): readonly WindowRow[] {
    const { open } = this.#grain
    const changed = [...this.#live.values(), ...this.#unsaved].filter((window) => window.isChanged(open))
    const rows = changed.map((window) => window.row(open))
    this.#unsaved = new Set()
    for (const id of this.#recent.keys()) {
      if (this.#recent.size <= MOST_RECENT) break
      this.#recent.delete(id)
    }
    return rows
  }

  #count(piece: Parameters<EnergyHistory['add']>[0]): void {
    const counted = this.history.add(piece)
    for (const window of this.#live.values()) window.add(counted)
  }

  #finish(window: MeasuredWindow): void {
    window.finish()
    this.#live.delete(window.facts.id)
    this.#recent.set(window.facts.id, window)
    this.#unsaved.add(window)
  }
}

/** Nothing is known of a boot after its last flush. */
function endOfBoot({ bootId, startNs, startUnixMs }: WindowRow, last: LastKnown | null): WindowEnd {
  const isKnown = last !== null && last.bootId === bootId && last.atMonotonicNs > startNs
  if (!isKnown) return { ns: startNs, unixMs: startUnixMs, by: 'reboot' }
  return { ns: last.atMonotonicNs, unixMs: last.atUnixMs, by: 'reboot' }
}
