import type { AttributedPosting, LeafEnergy } from '../model/attribution.ts'
import { QUALITIES } from '../model/posting.ts'
import { floorTo, HOUR_MS } from '../model/time.ts'
import { NS_PER_MS } from '../model/units.ts'
import { shareOut } from './share.ts'

/** A posting, or what of it is in one UTC hour. */
export interface HourPiece extends AttributedPosting {
  readonly hourUnixMs: number
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
