import { least, most } from '../model/bigint.ts'
import { NS_PER_S, UJ_PER_J } from '../model/units.ts'
import type { Compared } from './anchor/relation.ts'
import { median } from './node-model/statistics.ts'
import type { Supply } from './supply.ts'

/** Single readings of both sides are of different moments, and may even show more out than in. */
const JUDGED_NS = 1800n * NS_PER_S
/** No supply that feeds a machine gives less of what it takes, and none more than all of it. */
const LEAST_EFFICIENCY = 0.6
/** The same, as a share of what it gives. */
const MOST_LOST = { numerator: 2n, denominator: 3n }
/** Below that load the two meters' steps are more than the loss. */
const LEAST_DC_UW = 20n * UJ_PER_J
/** Half hours of which the middle one counts, so that one in which a meter lied does not. */
const KEPT = 5
const PPM = 1_000_000n

/** What `learn` may tell of one half hour. */
interface HalfHour {
  /** What was lost over what the curve has it lose. */
  readonly factor: number
  readonly relativeUncertainty: number
}

/**
 * What the supplies lose by two meters of the machine, one at its input and one behind them: their curve, times what it is off
 * by. Without both it is the curve.
 */
export class LearnedSupply implements Supply {
  readonly #curve: Supply
  #sum = { acUj: 0n, dcUj: 0n, curveUj: 0n, durationNs: 0n }
  #halfHours: HalfHour[] = []
  #factorPpm = PPM

  constructor(curve: Supply) {
    this.#curve = curve
  }

  lossUj(dcUj: bigint, durationNs: bigint): bigint {
    const curveUj = this.#curve.lossUj(dcUj, durationNs)
    return least((curveUj * this.#factorPpm) / PPM, most(curveUj, (dcUj * MOST_LOST.numerator) / MOST_LOST.denominator))
  }

  get relativeUncertainty(): number {
    const known = this.#halfHours.map((one) => one.relativeUncertainty)
    return Math.min(this.#curve.relativeUncertainty, known.length === 0 ? Number.POSITIVE_INFINITY : median(known))
  }

  get quality(): Supply['quality'] {
    return this.#halfHours.length > 0 ? 'derived' : this.#curve.quality
  }

  /** Takes what the meter at the input told of a time, and the one behind the supply (`modelUj`) of the same. */
  learn({ startNs, endNs, meterUj: acUj, modelUj: dcUj, relativeUncertainty }: Compared): void {
    const durationNs = endNs - startNs
    const sum = this.#sum
    this.#sum = {
      acUj: sum.acUj + acUj,
      dcUj: sum.dcUj + dcUj,
      curveUj: sum.curveUj + this.#curve.lossUj(dcUj, durationNs),
      durationNs: sum.durationNs + durationNs,
    }
    if (this.#sum.durationNs < JUDGED_NS) return
    this.#judge(relativeUncertainty)
    this.#sum = { acUj: 0n, dcUj: 0n, curveUj: 0n, durationNs: 0n }
  }

  /** As text; null before anything is known. */
  get state(): string | null {
    return this.#halfHours.length === 0 ? null : JSON.stringify(this.#halfHours)
  }

  /** False, and nothing changed, where the text is none of an earlier run. */
  restore(text: string): boolean {
    try {
      const halfHours = JSON.parse(text)
      if (!Array.isArray(halfHours) || halfHours.length > KEPT || !halfHours.every(isHalfHour)) return false
      this.#use(halfHours)
      return true
    } catch {
      return false
    }
  }

  /** @param ofMeters of each of the two, k = 1 */
  #judge(ofMeters: number): void {
    const { acUj, dcUj, curveUj, durationNs } = this.#sum
    const [ac, dc] = [Number(acUj), Number(dcUj)]
    const isLoaded = dcUj * NS_PER_S >= LEAST_DC_UW * durationNs
    if (!isLoaded || dc >= ac || dc < LEAST_EFFICIENCY * ac || curveUj <= 0n) return
    const factor = (ac - dc) / Number(curveUj)
    const relativeUncertainty = (ofMeters * Math.hypot(ac, dc)) / (ac - dc)
    this.#use([...this.#halfHours, { factor, relativeUncertainty }].slice(-KEPT))
  }

  #use(halfHours: HalfHour[]): void {
    this.#halfHours = halfHours
    this.#factorPpm =
      halfHours.length === 0 ? PPM : BigInt(Math.round(median(halfHours.map(({ factor }) => factor)) * Number(PPM)))
  }
}

function isHalfHour(value: unknown): value is HalfHour {
  const { factor, relativeUncertainty } = (value ?? {}) as Partial<HalfHour>
  return [factor, relativeUncertainty].every((one) => typeof one === 'number' && one > 0 && Number.isFinite(one))
}
