import type { AttributedPosting, LeafEnergy } from '../model/attribution.ts'
import { bothFigures } from '../model/footprint.ts'
import { QUALITIES } from '../model/posting.ts'
import { shareOut } from '../model/share.ts'
import { floorTo, HOUR_MS } from '../model/time.ts'
import { NS_PER_MS } from '../model/units.ts'

/** A posting, or what of it is in one UTC hour. */
export interface HourPiece extends AttributedPosting {
  readonly hourUnixMs: number
}

/** With what was booked for it, as figures of a footprint. */
export interface BookedPiece extends HourPiece {
  readonly figures: readonly bigint[]
}

/** Divides what was booked for a posting among its pieces, by time as its energy. */
export function withFigures(pieces: readonly HourPiece[], figures: readonly bigint[]): BookedPiece[] {
  const durations = pieces.map(({ startNs, endNs }) => endNs - startNs)
  const parts = figures.map((figure) => shareOut(figure, durations))
  return pieces.map((piece, index) => ({ ...piece, figures: parts.map((part) => part[index] ?? 0n) }))
}

/**
 * Cuts a posting at the UTC hours of its wall-clock label, in proportion to time. The pieces sum to the whole, and each to
 * what the ledger has of the posting in that hour, which is cut by quality and rounded down.
 */
export function cutAtHours({ startNs, endNs, shares }: AttributedPosting, startUnixMs: number): HourPiece[] {
  const durationNs = endNs - startNs
  const pieces: HourPiece[] = []
  let left = shares
  for (let fromNs = startNs; fromNs < endNs; ) {
    const fromMs = startUnixMs + Number((fromNs - startNs) / NS_PER_MS)
    const hourUnixMs = floorTo(HOUR_MS, fromMs)
    const untilNs = startNs + BigInt(hourUnixMs + HOUR_MS - startUnixMs) * NS_PER_MS
    if (untilNs >= endNs) return [...pieces, { startNs: fromNs, endNs, hourUnixMs, shares: left }]
    const cut = QUALITIES.map((quality) => {
      const wholeUj = sumOf(shares, quality)
      const doneUj = wholeUj - sumOf(left, quality)
      return cutOff(left, quality, (wholeUj * (untilNs - startNs)) / durationNs - doneUj)
    })
    pieces.push({ startNs: fromNs, endNs: untilNs, hourUnixMs, shares: cut.flatMap(({ before }) => before) })
    left = cut.flatMap(({ after }) => after)
    fromNs = untilNs
  }
  return pieces
}

/** Shorter times are one: sensors that are read often cut the account into slivers. */
const LONGEST_JOINED_NS = 1_500n * NS_PER_MS

/** Both as one; null where they are not of one hour and neighbours, or another leaf begins or ends between them. */
export function joinedPiece(a: BookedPiece, b: BookedPiece): BookedPiece | null {
  const isOneTime = a.endNs === b.startNs && a.hourUnixMs === b.hourUnixMs && b.endNs - a.startNs <= LONGEST_JOINED_NS
  if (!isOneTime || a.shares.length !== b.shares.length) return null
  const shares: LeafEnergy[] = []
  for (const [index, share] of a.shares.entries()) {
    const next = b.shares[index]
    if (next?.leaf !== share.leaf || next.quality !== share.quality) return null
    shares.push({ ...share, energyUj: share.energyUj + next.energyUj })
  }
  return { ...a, endNs: b.endNs, shares, figures: bothFigures(a.figures, b.figures) }
}

function sumOf(shares: readonly LeafEnergy[], quality: string): bigint {
  let sumUj = 0n
  for (const share of shares) if (share.quality === quality) sumUj += share.energyUj
  return sumUj
}

function cutOff(
  shares: readonly LeafEnergy[],
  quality: string,
  energyUj: bigint,
): { readonly before: LeafEnergy[]; readonly after: LeafEnergy[] } {
  const own = shares.filter((share) => share.quality === quality)
  const parts = shareOut(
    energyUj,
    own.map((share) => share.energyUj),
  )
  return {
    before: own.map((share, index) => ({ ...share, energyUj: parts[index] ?? 0n })),
    after: own.map((share, index) => ({ ...share, energyUj: share.energyUj - (parts[index] ?? 0n) })),
  }
}
