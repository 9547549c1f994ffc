import { most } from '../model/bigint.ts'
import type { Posting } from '../model/posting.ts'

interface Segment {
  startNs: bigint
  endNs: bigint
  energyUj: bigint
  /** As it was told: of what is inside only the sum is known. */
  readonly durationNs: bigint
}

/** Postings of one channel that the node account has not settled yet, in order of time and without overlap. */
export class Timeline {
  readonly #segments: Segment[] = []

  add({ startNs, endNs, energyUj }: Pick<Posting, 'startNs' | 'endNs' | 'energyUj'>): void {
    this.#segments.push({ startNs, endNs, energyUj, durationNs: endNs - startNs })
  }

  /** As `add`; what goes on with the last posting is one with it, so that only their sum is known. */
  extend(posting: Pick<Posting, 'startNs' | 'endNs' | 'energyUj'>): void {
    const last = this.#segments.at(-1)
    const goesOn = last?.endNs === posting.startNs
    if (goesOn) this.#segments.pop()
    this.add(goesOn ? { ...posting, startNs: last.startNs, energyUj: last.energyUj + posting.energyUj } : posting)
  }

  /** Where the unbroken coverage that includes `fromNs` ends; `fromNs` itself when there is none. */
  coveredUntil(fromNs: bigint): bigint {
    let untilNs = fromNs
    for (const { startNs, endNs } of this.#segments) {
      if (startNs > untilNs) break
      if (endNs > untilNs) untilNs = endNs
    }
    return untilNs
  }

  /** Start of the first coverage after `fromNs`, or null while none is known. */
  nextStart(fromNs: bigint): bigint | null {
    return this.#segments.find(({ startNs }) => startNs > fromNs)?.startNs ?? null
  }

  /** The longest stretch in `[fromNs, toNs)` of which only the sum is known. */
  grainNs(fromNs: bigint, toNs: bigint): bigint {
    return this.#segments.reduce(
      (ns, { startNs, endNs, durationNs }) => (startNs < toNs && endNs > fromNs ? most(ns, durationNs) : ns),
      0n,
    )
  }

  /** Energy in `[fromNs, toNs)`. A segment cut in two is shared in proportion, and both parts sum to the whole. */
  take(fromNs: bigint, toNs: bigint): bigint {
    this.dropBefore(fromNs)
    let energyUj = 0n
    for (const segment of this.#segments) {
      if (segment.startNs >= toNs) break
      energyUj += cutFront(segment, toNs)
    }
    this.dropBefore(toNs)
    return energyUj
  }

  /** The unbroken stretch that ends at `endNs`; null when there is none. */
  tailUntil(endNs: bigint): { readonly fromNs: bigint; readonly energyUj: bigint } | null {
    const last = this.#segments.at(-1)
    if (last?.endNs !== endNs) return null
    let { startNs: fromNs, energyUj } = last
    for (const segment of this.#segments.slice(0, -1).reverse()) {
      if (segment.endNs !== fromNs) break
      fromNs = segment.startNs
      energyUj += segment.energyUj
    }
    return { fromNs, energyUj }
  }

  dropBefore(ns: bigint): void {
    let over = 0
    for (const segment of this.#segments) {
      if (segment.startNs < ns) cutFront(segment, ns)
      if (segment.endNs > segment.startNs) break
      over += 1
    }
    if (over > 0) this.#segments.splice(0, over)
  }
}

/** Moves the start of a segment to `ns` and returns the energy that lay before it. */
function cutFront(segment: Segment, ns: bigint): bigint {
  const endNs = ns < segment.endNs ? ns : segment.endNs
  const durationNs = segment.endNs - segment.startNs
  const energyUj =
    endNs === segment.endNs ? segment.energyUj : (segment.energyUj * (endNs - segment.startNs)) / durationNs
  segment.startNs = endNs
  segment.energyUj -= energyUj
  return energyUj
}
