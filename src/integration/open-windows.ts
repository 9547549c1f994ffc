import type { MissingLeaf } from '../model/batch.ts'
import { least } from '../model/bigint.ts'
import type { Anchors } from './anchor/anchors.ts'
import { LONGEST_AWAY_NS } from './channel-account.ts'
import type { Leaf, LeafPiece } from './leaf.ts'
import { OpenWindow, type SettledLeaf } from './open-window.ts'
import type { Supply } from './supply.ts'

/** Decided time that is open for leaves that are waited for, and leaves of an earlier run of which no meter is there yet. */
export class OpenWindows {
  /** In order of time, for each leaf. */
  #windows: OpenWindow[] = []
  /** Until when a leaf of an earlier run is waited for. */
  readonly #awaited = new Map<string, bigint>()

  /**
   * @param fromNs where the account goes on
   * @param missing leaves that an earlier run had not settled up to there
   * @param known names of the leaves that it had meters for, which this run waits for from now on
   */
  constructor(
    supply: Supply,
    anchors: Anchors,
    fromNs: bigint,
    missing: readonly MissingLeaf[],
    known: readonly string[],
    nowNs: bigint,
  ) {
    for (const name of known) this.#awaited.set(name, nowNs + LONGEST_AWAY_NS)
    for (const [startNs, leaves] of Map.groupBy(missing, ({ sinceNs }) => sinceNs)) {
      const names = leaves.map(({ name }) => name)
      const span = { startNs, endNs: fromNs }
      if (startNs < fromNs)
        this.#windows.push(new OpenWindow(span, 'components', supply, names, anchors, { isOfEarlierRun: true }))
    }
  }

  add(window: OpenWindow): void {
    this.#windows.push(window)
  }

  /** Start of what is open; `fromNs` when nothing before it is. */
  startNs(fromNs: bigint): bigint {
    return this.#windows.reduce((ns, { startNs }) => least(ns, startNs), fromNs)
  }

  /** Leaves that are open up to `untilNs`, each with the beginning of its unbroken open time. */
  missingUntil(untilNs: bigint): readonly MissingLeaf[] {
    const since = new Map<string, bigint>()
    for (const { startNs, endNs, missing } of this.#windows.toReversed()) {
      for (const name of missing) if ((since.get(name) ?? untilNs) === endNs) since.set(name, startNs)
    }
    return [...since].map(([name, sinceNs]) => ({ name, sinceNs })).sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Leaves of an earlier run whose meter may still come. */
  awaited(nowNs: bigint): readonly string[] {
    return [...this.#awaited].flatMap(([name, untilNs]) => (nowNs < untilNs ? name : []))
  }

  isAwaited(name: string, nowNs: bigint): boolean {
    return nowNs < (this.#awaited.get(name) ?? nowNs)
  }

  /** A meter of the leaf is there, and tells from now on whether it is to be waited for. */
  arrived(name: string): void {
    this.#awaited.delete(name)
  }

  /** Closes what is certain by now, each window with the leaves that it is certain of. */
  settle(
    leaves: readonly Leaf[],
    nowNs: bigint,
    close: (window: OpenWindow, settled: readonly SettledLeaf[]) => void,
  ): void {
    const byName = new Map(leaves.map((leaf) => [leaf.name, leaf]))
    // What is not certain of one window is not of those that follow it.
    const waiting = new Set<string>()
    for (const window of this.#windows) {
      const settled: SettledLeaf[] = []
      for (const name of window.missing) {
        if (waiting.has(name)) continue
        const pieces = this.#piecesOf(byName.get(name), name, window, nowNs)
        if (pieces === null) waiting.add(name)
        else settled.push({ leaf: byName.get(name) ?? { name, part: 'rest', kind: null, isHost: false }, pieces })
      }
      if (settled.length > 0) close(window, settled)
    }
    this.#windows = this.#windows.filter(({ missing }) => missing.size > 0)
  }

  #piecesOf(
    leaf: Leaf | undefined,
    name: string,
    { startNs, endNs }: OpenWindow,
    nowNs: bigint,
  ): readonly LeafPiece[] | null {
    if (this.isAwaited(name, nowNs)) return null
    return leaf === undefined ? [{ startNs, endNs, source: null }] : leaf.pieces(startNs, endNs, nowNs)
  }
}
