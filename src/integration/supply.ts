import { least } from '../model/bigint.ts'
import type { Quality } from '../model/posting.ts'
import { NS_PER_S, UJ_PER_J } from '../model/units.ts'
import { type CurvePoint, curveLossUj, type SupplyRating, type SupplyVolts, supplyCurve } from './supply-curve.ts'

/** What a machine's power supplies lose between the socket and the DC side. */
export interface Supply {
  /** Loss in µJ while `dcUj` left it in `durationNs`. Depends on the power, so that it is for one posting, of about a second. */
  lossUj(dcUj: bigint, durationNs: bigint): bigint
  /** Relative standard uncertainty of the loss, k = 1. */
  readonly relativeUncertainty: number
  /** Derived where the supply's own curve is known. */
  readonly quality: Quality
}

/** Section `node.supply` of the configuration. */
export interface SupplySettings {
  /** Of one supply; null takes what the firmware says. */
  readonly rated_w: number | null
  /** Supplies that share the load. */
  readonly count: number
  /** Null: not known. */
  readonly rating: SupplyRating | null
  readonly volts: SupplyVolts
}

/** What a server's supply has to reach in the EU since March 2020 (Regulation (EU) 2019/424, annex II). */
const USUAL_RATING = 'platinum'

/**
 * A supply's loss lies between that of its level and that of the next one, which at 20 and 50 % of
 * load is 18 to 43 % less (230 V): rectangular on one side, 0.4 / √3.
 */
const CERTIFIED_UNCERTAINTY = 0.4 / Math.sqrt(3)

/**
 * From a Titanium supply at 50 % of its load, 1/0.96 − 1 = 0.042 of what it gives, to a Gold one at 20 %, 0.136, about
 * the 0.087 of 0.92: rectangular, 0.047 / √3 / 0.087.
 */
const ASSUMED_UNCERTAINTY = (0.136 - 0.042) / 2 / Math.sqrt(3) / 0.087

/** `firmwareW`: what all supplies together can give, as the firmware says; null where it does not. */
export function createSupply(settings: SupplySettings, firmwareW: number | null): Supply {
  const { rated_w, count, rating, volts } = settings
  const curve = supplyCurve(rating ?? USUAL_RATING, volts)
  const ratedW = rated_w === null ? firmwareW : rated_w * count
  if (ratedW === null) return flatSupply(curve)
  const ratedUw = BigInt(Math.round(ratedW)) * UJ_PER_J
  return {
    // Redundant supplies share the load: two at half of it lose what one of twice the size does.
    // The curve ends at a load of 10 or 20 % and is taken to be flat in watts below it. Where it would lose more than it gives,
    // at about 2 % of the rating, it says nothing any more: a supply that is that big sleeps beside another, or feeds more
    // than this machine. No certificate reaches down there, so that an efficiency of a half is a bound and no figure.
    lossUj: (dcUj, durationNs) => least(dcUj, curveLossUj(curve, dcUj, (ratedUw * durationNs) / NS_PER_S)),
    relativeUncertainty: rating === null ? ASSUMED_UNCERTAINTY : CERTIFIED_UNCERTAINTY,
    quality: rating === null ? 'estimated' : 'derived',
  }
}

/** Where the load is not known: the mean of the efficiencies at 20 and 50 %, between which servers are run. */
function flatSupply(curve: readonly CurvePoint[]): Supply {
  const usual = curve.filter(({ loadPct }) => loadPct === 20n || loadPct === 50n)
  const permille = usual.reduce((sum, point) => sum + point.permille, 0n) / BigInt(usual.length)
  return {
    lossUj: (dcUj) => (dcUj * (1000n - permille)) / permille,
    relativeUncertainty: ASSUMED_UNCERTAINTY,
    quality: 'estimated',
  }
}

/** The supply as far as it is known at each moment. */
export function supplyKnownBy(now: () => Supply): Supply {
  return {
    lossUj: (dcUj, durationNs) => now().lossUj(dcUj, durationNs),
    get relativeUncertainty() {
      return now().relativeUncertainty
    },
    get quality() {
      return now().quality
    },
  }
}
