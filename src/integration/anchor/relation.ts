import { most } from '../../model/bigint.ts'
import { NS_PER_S, UJ_PER_J } from '../../model/units.ts'
import { Anchor } from './anchor.ts'

interface Span {
  readonly startNs: bigint
  readonly endNs: bigint
}

/** What the meter of a leaf told in a stretch of time, and what the model or the siblings tell of the same. */
export interface Compared extends Span {
  readonly meterUj: bigint
  readonly modelUj: bigint
  /** Of the meter. */
  readonly relativeUncertainty: number
}

/** Shorter stretches are put together: what is read each second is read at two moments of it. */
const ROW_NS = 2n * NS_PER_S
/** How long a meter was silent that an earlier run had: nobody knows. */
const EARLIER_NS = 3600n * NS_PER_S
const PPM = 1_000_000n

/** How the meter of one leaf stands to one of the sources that stand in for it. */
export class Relation {
  readonly #anchor = new Anchor()
  #open: Compared | null = null
  #lastNs: bigint
  /** Of the meter that taught it. */
  #ofMeter: number

  /** @param ofMeter relative standard uncertainty of the meter, which what it taught has too */
  constructor(nowNs: bigint, ofMeter = 0) {
    this.#lastNs = nowNs - EARLIER_NS
    this.#ofMeter = ofMeter
  }

  /** @param leastNs what is compared at once: no less than the meter's pace */
  learn(compared: Compared, leastNs = 0n): void {
    const open = this.#open?.endNs === compared.startNs ? joined(this.#open, compared) : compared
    const durationNs = open.endNs - open.startNs
    this.#open = durationNs < most(leastNs, ROW_NS) ? open : null
    if (this.#open !== null) return
    const durationS = Number(durationNs) / Number(NS_PER_S)
    const wattsOf = (energyUj: bigint) => Number(energyUj) / Number(UJ_PER_J) / durationS
    this.#anchor.learn({ meterW: wattsOf(open.meterUj), modelW: wattsOf(open.modelUj) }, durationS)
    this.#lastNs = open.endNs
    this.#ofMeter = open.relativeUncertainty
  }

  /** What the meter would have told where the model tells `modelUj`; null where nothing is known of that. */
  of(modelUj: bigint, { startNs, endNs }: Span): { energyUj: bigint; relativeUncertainty: number } | null {
    const modelW = (Number(modelUj) / Number(UJ_PER_J) / Number(endNs - startNs)) * Number(NS_PER_S)
    const anchoring = this.#anchor.at(modelW, Number(endNs - this.#lastNs) / Number(NS_PER_S))
    if (anchoring === null) return null
    const energyUj = (modelUj * BigInt(Math.round(anchoring.ratio * Number(PPM)))) / PPM
    return { energyUj, relativeUncertainty: Math.hypot(anchoring.relativeUncertainty, this.#ofMeter) }
  }

  /** As text; null before anything is known for certain. */
  get state(): string | null {
    const { state } = this.#anchor
    return state === null ? null : JSON.stringify({ ofMeter: this.#ofMeter, state })
  }

  /** Null where the text is none of an earlier run. */
  static parse(text: string, nowNs: bigint): Relation | null {
    try {
      const { ofMeter, state } = JSON.parse(text)
      if (!(ofMeter >= 0 && ofMeter <= 1)) return null
      const relation = new Relation(nowNs, ofMeter)
      return relation.#anchor.restore(state) ? relation : null
    } catch {
      return null
    }
  }
}

function joined(open: Compared, next: Compared): Compared {
  return {
    ...next,
    startNs: open.startNs,
    meterUj: open.meterUj + next.meterUj,
    modelUj: open.modelUj + next.modelUj,
  }
}
