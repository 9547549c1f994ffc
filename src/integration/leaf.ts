import { least } from '../model/bigint.ts'
import type { Part } from '../model/part.ts'
import type { EnergySource, LeafSource } from './leaf-source.ts'

/** Processors and memory. */
const HOST_PARTS: readonly Part[] = ['processors', 'memory']

/** A leaf's state at a moment, and how long it is known to last. */
export type LeafStatus =
  | { readonly kind: 'covered'; readonly source: LeafSource; readonly untilNs: bigint }
  /** Nothing knows it, and nothing will. */
  | { readonly kind: 'gap'; readonly untilNs: bigint }
  /** A meter of it may still tell. `isStill`: one that stands still. `isLate`: by now the others need not wait for it. */
  | { readonly kind: 'pending'; readonly isStill: boolean; readonly isLate: boolean; readonly untilNs: bigint }

/** What a stretch of a leaf's time turned out to be. */
export interface LeafPiece {
  readonly startNs: bigint
  readonly endNs: bigint
  /** Null for a gap. */
  readonly source: EnergySource | null
}

/** A piece of hardware that draws power beside the others: one socket's processor, one socket's memory, one card. */
export class Leaf {
  /** `accelerators/0000:3b:00.0` */
  readonly name: string
  readonly part: Part
  readonly place: string
  /** Leaves of one kind tell of each other: see `Siblings`. Null for one that stands alone. */
  readonly kind: string | null
  /** Best first. */
  readonly sources: readonly LeafSource[]
  /** Whether the chassis' fans, board and regulators follow its power: an accelerator and a superchip bring their own. */
  readonly isHost: boolean

  constructor(part: Part, place: string, kind: string | null, sources: readonly LeafSource[], isPlain = true) {
    this.name = `${part}/${place}`
    this.part = part
    this.place = place
    this.kind = kind
    this.sources = sources
    this.isHost = isPlain && HOST_PARTS.includes(part)
  }

  get meters(): readonly LeafSource[] {
    return this.sources.filter(({ quality }) => quality !== 'estimated')
  }

  /** By the best of `sources` that covers the moment; a better one that may still cover it is waited for. */
  status(fromNs: bigint, nowNs: bigint, sources = this.sources): LeafStatus {
    let limitNs = nowNs
    for (const source of sources) {
      const coveredNs = source.coveredUntil(fromNs, nowNs)
      if (coveredNs > fromNs) return { kind: 'covered', source, untilNs: least(coveredNs, limitNs) }
      const certainNs = source.certainUntil(nowNs)
      const absentNs = source.nextStart(fromNs) ?? certainNs
      if (absentNs <= fromNs) {
        const { isStill, patienceNs } = source
        return { kind: 'pending', isStill, isLate: isStill || source.silentNs(nowNs) > patienceNs, untilNs: limitNs }
      }
      limitNs = least(limitNs, absentNs)
    }
    return { kind: 'gap', untilNs: limitNs }
  }

  /** What `[fromNs, toNs)` was, in order; null while a part of it is pending. */
  pieces(fromNs: bigint, toNs: bigint, nowNs: bigint): readonly LeafPiece[] | null {
    const pieces: LeafPiece[] = []
    for (let startNs = fromNs; startNs < toNs; ) {
      const status = this.status(startNs, nowNs)
      if (status.kind === 'pending') return null
      const endNs = least(status.untilNs, toNs)
      pieces.push({ startNs, endNs, source: status.kind === 'covered' ? status.source : null })
      startNs = endNs
    }
    return pieces
  }

  /** Power now by the best of `sources` that knows it. */
  powerUw(nowNs: bigint, sources = this.sources): bigint | null {
    for (const source of sources) {
      const powerUw = source.powerUw(nowNs)
      if (powerUw !== null) return powerUw
    }
    return null
  }
}
