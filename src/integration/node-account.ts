import type { Gap } from '../model/posting.ts'
import type { NodePosting, NodeSource } from './node-source.ts'

/** What one call of `advance` settled. */
export interface Settlement {
  readonly postings: readonly NodePosting[]
  readonly gaps: readonly Gap[]
}

/**
 * The machine's one total (DESIGN section 4.5). Time is settled once, in order, by the best source that covers it; a
 * better source that may still cover it is waited for. What no source covers is a gap.
 */
export class NodeAccount {
  #sources: readonly NodeSource[] = []
  #settledNs: bigint

  /** @param fromNs where the account begins or goes on */
  constructor(fromNs: bigint) {
    this.#settledNs = fromNs
  }

  get settledNs(): bigint {
    return this.#settledNs
  }

  /** Best first. */
  use(sources: readonly NodeSource[]): void {
    this.#sources = sources
  }

  advance(nowNs: bigint): Settlement {
    const postings: NodePosting[] = []
    const gaps: Gap[] = []
    for (;;) {
      const next = this.#next(nowNs)
      if (next === null) return { postings, gaps }
      const startNs = this.#settledNs
      this.#settledNs = next.untilNs
      if (next.source) postings.push(next.source.post(startNs, next.untilNs))
      else gaps.push({ startNs, endNs: next.untilNs, reason: 'absent' })
    }
  }

  /** The next stretch and its source (null: nobody's); null when it is too early to tell. */
  #next(nowNs: bigint): { readonly source: NodeSource | null; readonly untilNs: bigint } | null {
    const fromNs = this.#settledNs
    let limitNs = nowNs
    for (const source of this.#sources) {
      const coveredNs = source.coveredUntil(fromNs)
      if (coveredNs > fromNs) return { source, untilNs: least(coveredNs, limitNs) }
      limitNs = least(limitNs, source.nextStart(fromNs) ?? nowNs - source.patienceNs)
      if (limitNs <= fromNs) return null
    }
    return limitNs > fromNs ? { source: null, untilNs: limitNs } : null
  }
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)
