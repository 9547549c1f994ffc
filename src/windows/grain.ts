import { most } from '../model/bigint.ts'
import { FINEST_NS } from '../model/finest.ts'
import type { BookedPosting } from '../model/node-taker.ts'
import { NS_PER_MS, NS_PER_S } from '../model/units.ts'
import { Amounts, type Span } from './amounts.ts'

/** A stretch of the monotonic clock, and where it began by the labels of the wall clock. */
export interface Stretch extends Span {
  readonly startUnixMs: number
}

/** Energy that is shown as a whole or in proportion to its time, and never finer. */
export interface Piece extends Stretch {
  readonly amounts: Amounts
}

/** Without a window whose edge cuts it, a piece ends after this. */
export const LONGEST_PIECE_NS = 10n * NS_PER_S

/** So many wait only while nothing is posted. */
const MOST_CUTS = 10_000

/**
 * Joins postings to pieces that nobody can see into. A piece ends at the first posting behind an edge, and so at the reading
 * that was taken for it, but none is shorter than the finest that anybody is shown.
 */
export class Grain {
  #open: Piece | null = null
  /** Where the open piece began, or the last one ended. */
  #fromNs = 0n
  #cutsNs: bigint[] = []

  /** What is joined so far and may grow. */
  get open(): Piece | null {
    return this.#open
  }

  /** Has a piece end as soon after a moment as may be. Returns the one that ends there at once. */
  cutAt(ns: bigint): Piece | null {
    if (this.#cutsNs.length < MOST_CUTS) this.#cutsNs.push(ns)
    return this.#open !== null && this.#isWhole(this.#open) ? this.#end(this.#open) : null
  }

  /** Returns the pieces that have ended, and what came late: of time before the open piece. */
  add(posting: BookedPosting, startUnixMs: number): readonly Piece[] {
    const { startNs, endNs } = posting
    const amounts = Amounts.of(posting)
    if (startNs < this.#fromNs) return [{ startNs, endNs, startUnixMs, amounts }]
    const ended: Piece[] = []
    // Time that nobody knows is no part of a piece.
    if (this.#open !== null && startNs > this.#open.endNs) ended.push(this.#end(this.#open))
    if (this.#open === null) {
      this.#open = { startNs, endNs, startUnixMs, amounts }
      this.#fromNs = startNs
    } else {
      this.#open.amounts.add(amounts)
      this.#open = { ...this.#open, endNs: most(endNs, this.#open.endNs) }
    }
    if (this.#isWhole(this.#open)) ended.push(this.#end(this.#open))
    return ended
  }

  /** All that will be posted of the time before `untilNs` has been. Returns the piece that time has passed by. */
  settle(untilNs: bigint): Piece | null {
    return this.#open !== null && untilNs > this.#open.endNs ? this.#end(this.#open) : null
  }

  #isWhole({ startNs, endNs }: Piece): boolean {
    const lengthNs = endNs - startNs
    if (lengthNs < FINEST_NS) return false
    return lengthNs >= LONGEST_PIECE_NS || this.#cutsNs.some((ns) => ns <= endNs)
  }

  #end(piece: Piece): Piece {
    this.#cutsNs = this.#cutsNs.filter((ns) => ns > piece.endNs)
    this.#open = null
    this.#fromNs = piece.endNs
    return piece
  }
}

/** The same stretch by the labels of the wall clock, in ns since 1970. */
export function onWallClock({ startNs, endNs, startUnixMs }: Stretch): Span {
  const startsNs = BigInt(startUnixMs) * NS_PER_MS
  return { startNs: startsNs, endNs: startsNs + (endNs - startNs) }
}
