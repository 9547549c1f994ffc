import type { AttributedPosting } from '../model/attribution.ts'
import { least, most } from '../model/bigint.ts'
import type { Quality } from '../model/posting.ts'
import { NS_PER_S } from '../model/units.ts'
import type { WorkloadBoundary } from '../model/workload.ts'

interface Piece {
  readonly startNs: bigint
  readonly endNs: bigint
  readonly quality: Quality
  readonly energyUj: bigint
}

/** Energy by how it was obtained. */
export type EnergyByQuality = Readonly<Partial<Record<Quality, bigint>>>

/** An outage of the server's metrics that is no longer than this is bridged, if its counters went on. */
const KEPT_NS = 900n * NS_PER_S
/** A card that has not been heard of for this long is gone. */
const CARD_KEPT_NS = 600n * NS_PER_S

const MACHINE = 'machine'
const CARDS = 'accelerators/'

/** The energy inside a boundary by the time in which it was drawn, as the account settles it. */
export class BoundaryEnergy {
  readonly #boundary: WorkloadBoundary
  /** PCI addresses; null for all that tell their energy. */
  readonly #cards: readonly string[] | null
  readonly #pieces = new Map<string, Piece[]>()

  constructor(boundary: WorkloadBoundary, cards: readonly string[] | null) {
    this.#boundary = boundary
    this.#cards = cards
    for (const card of cards ?? []) this.#pieces.set(card, [])
    if (boundary !== 'gpu') this.#pieces.set(MACHINE, [])
  }

  /** Parts may come late, each of its own time. */
  post({ startNs, endNs, shares }: AttributedPosting): void {
    for (const [key, own] of Map.groupBy(shares, ({ leaf }) => this.#keyOf(leaf))) {
      if (key === null) continue
      const pieces = this.#pieces.get(key) ?? []
      for (const [quality, alike] of Map.groupBy(own, ({ quality }) => quality)) {
        pieces.push({ startNs, endNs, quality, energyUj: alike.reduce((sum, { energyUj }) => sum + energyUj, 0n) })
      }
      this.#pieces.set(key, pieces)
    }
  }

  /** The energy of a time; null where a part of it is not known, or not yet. Times that meet sum to the µJ. */
  between(fromNs: bigint, toNs: bigint): EnergyByQuality | null {
    const energyUj: Partial<Record<Quality, bigint>> = {}
    if (this.#pieces.size === 0) return null
    for (const pieces of this.#pieces.values()) {
      const within = pieces.filter(({ startNs, endNs }) => endNs > fromNs && startNs < toNs)
      if (!isCovered(within, fromNs, toNs)) return null
      for (const piece of within) {
        const { quality } = piece
        energyUj[quality] = (energyUj[quality] ?? 0n) + before(piece, toNs) - before(piece, fromNs)
      }
    }
    return energyUj
  }

  /** Forgets what nobody will ask for, and cards that are gone. */
  dropBefore(ns: bigint, nowNs: bigint): void {
    const fromNs = most(ns, nowNs - KEPT_NS)
    for (const [key, pieces] of this.#pieces) {
      const last = pieces.at(-1)
      const isGone = this.#boundary === 'gpu' && this.#cards === null && (last?.endNs ?? 0n) < nowNs - CARD_KEPT_NS
      if (isGone) this.#pieces.delete(key)
      else if (pieces[0] !== undefined && pieces[0].endNs <= fromNs) {
        // The last one stays, so that a card that falls silent is missed.
        this.#pieces.set(
          key,
          pieces.filter((piece) => piece.endNs > fromNs || piece === last),
        )
      }
    }
  }

  #keyOf(leaf: string): string | null {
    if (this.#boundary !== 'gpu') return MACHINE
    if (!leaf.startsWith(CARDS)) return null
    const place = leaf.slice(CARDS.length).toLowerCase()
    if (this.#cards === null) return place
    return this.#cards.find((card) => place === card || place.startsWith(`${card}/`)) ?? null
  }
}

/** The part of a piece that was drawn before a moment, in proportion to time. */
function before({ startNs, endNs, energyUj }: Piece, ns: bigint): bigint {
  if (ns <= startNs) return 0n
  return ns >= endNs ? energyUj : (energyUj * (ns - startNs)) / (endNs - startNs)
}

function isCovered(pieces: readonly Piece[], fromNs: bigint, toNs: bigint): boolean {
  let untilNs = fromNs
  for (const { startNs, endNs } of pieces.toSorted((a, b) => (a.startNs < b.startNs ? -1 : 1))) {
    if (startNs > untilNs) return false
    untilNs = most(untilNs, least(endNs, toNs))
  }
  return untilNs >= toNs
}
