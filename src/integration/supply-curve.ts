/** Levels of certification for which a supply's efficiency is known. */
export const SUPPLY_RATINGS = ['bronze', 'silver', 'gold', 'platinum', 'titanium'] as const

export type SupplyRating = (typeof SUPPLY_RATINGS)[number]

/** What a supply was certified at: 115 V, internal; 230 V, internal redundant, as servers have them. */
export type SupplyVolts = 115 | 230

/** At a load in per cent of the rating, an efficiency in thousandths. */
export interface CurvePoint {
  readonly loadPct: bigint
  readonly permille: bigint
}

/**
 * Least efficiencies at 10 (Titanium alone), 20, 50 and 100 % of load: 80 PLUS, certification levels of CLEAResult. A
 * certified supply is at these or better; one that were better by a level would carry that level.
 */
const CERTIFIED: Readonly<Record<SupplyVolts, Readonly<Record<SupplyRating, readonly [number, number][]>>>> = {
  115: {
    bronze: [
      [20, 820],
      [50, 850],
      [100, 820],
    ],
    silver: [
      [20, 850],
      [50, 880],
      [100, 850],
    ],
    gold: [
      [20, 870],
      [50, 900],
      [100, 870],
    ],
    platinum: [
      [20, 900],
      [50, 920],
      [100, 890],
    ],
    titanium: [
      [10, 900],
      [20, 920],
      [50, 940],
      [100, 900],
    ],
  },
  230: {
    bronze: [
      [20, 810],
      [50, 850],
      [100, 810],
    ],
    silver: [
      [20, 850],
      [50, 890],
      [100, 850],
    ],
    gold: [
      [20, 880],
      [50, 920],
      [100, 880],
    ],
    platinum: [
      [20, 900],
      [50, 940],
      [100, 910],
    ],
    titanium: [
      [10, 900],
      [20, 940],
      [50, 960],
      [100, 910],
    ],
  },
}

export function supplyCurve(rating: SupplyRating, volts: SupplyVolts): readonly CurvePoint[] {
  return CERTIFIED[volts][rating].map(([load, permille]) => ({ loadPct: BigInt(load), permille: BigInt(permille) }))
}

/**
 * Loss in µJ of a supply that gives `dcUj` in a time in which it could give `ratedUj`. Between the points the loss, not
 * the efficiency, is a straight line: what the supply takes in then grows with what it gives. Beyond the rating the last
 * line goes on. Below the first point the loss stays, since what a supply needs for itself does not fall with its load: of
 * the one curve that is published finely (PFE600, Fantastic Joules, IMC 2025) it falls by a tenth from 20 % to none.
 */
export function curveLossUj(curve: readonly CurvePoint[], dcUj: bigint, ratedUj: bigint): bigint {
  const above = curve.findIndex(({ loadPct }) => dcUj * 100n < ratedUj * loadPct)
  const at = above < 0 ? curve.length - 1 : Math.max(above, 1)
  const [low, high] = [curve[at - 1], curve[at]] as [CurvePoint, CurvePoint]
  const beyondLow = above === 0 ? 0n : dcUj * 100n - ratedUj * low.loadPct
  // One fraction and one division, so that no part of a microjoule is lost on the way.
  const spanPct = high.loadPct - low.loadPct
  const rise = lostAt(high) * low.permille - lostAt(low) * high.permille
  const loss = ratedUj * lostAt(low) * high.permille * spanPct + beyondLow * rise
  return loss / (100n * low.permille * high.permille * spanPct)
}

/** In thousandths of a per cent of the rating, times the efficiency. */
function lostAt({ loadPct, permille }: CurvePoint): bigint {
  return loadPct * (1000n - permille)
}
