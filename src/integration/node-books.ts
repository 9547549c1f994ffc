import type { NodeRow, NodeState } from '../model/batch.ts'
import type { CarbonAccount } from '../model/carbon.ts'
import type { Quality } from '../model/posting.ts'
import { meanPowerUw } from '../model/units.ts'
import type { NodePosting } from './node-source.ts'
import { cutAtMinutes, minuteOf, RowCollector, wholeMs } from './row-collector.ts'
import { HourlyUncertainty } from './uncertainty.ts'

interface NodeExtra {
  readonly meter: string
  readonly quality: Quality
  readonly uncertaintyUj: bigint
}

/** Figures older than this are not shown as the power of now. */
const FRESH_NS = 60_000_000_000n

/** Totals of the node and the rows that the next flush writes. */
export class NodeBooks {
  readonly #carbon: CarbonAccount
  readonly #energyUj: Record<Quality, bigint>
  #unaccountedNs: bigint
  #last: NodePosting | null = null
  #meter: string | null
  readonly #uncertainty = new HourlyUncertainty()
  readonly #rows = new RowCollector<NodeExtra>((a, b) => ({ ...a, uncertaintyUj: a.uncertaintyUj + b.uncertaintyUj }))

  constructor(carbon: CarbonAccount, state: NodeState | null) {
    this.#carbon = carbon
    this.#energyUj = { ...(state?.energyUj ?? { measured: 0n, derived: 0n, estimated: 0n }) }
    this.#unaccountedNs = state?.unaccountedNs ?? 0n
    this.#meter = state?.meter ?? null
  }

  post(posting: NodePosting, startUnixMs: number): void {
    const { energyUj, uncertaintyUj, meter, quality } = posting
    const durationNs = posting.endNs - posting.startNs
    this.#energyUj[quality] += energyUj
    this.#uncertainty.add(minuteOf(startUnixMs), meter, energyUj, uncertaintyUj)
    for (const piece of cutAtMinutes(startUnixMs, durationNs, energyUj)) {
      const share = energyUj > 0n ? (uncertaintyUj * piece.energyUj) / energyUj : 0n
      this.#rows.add(`${meter} ${quality}`, piece, { meter, quality, uncertaintyUj: share })
    }
    this.#last = posting
    this.#meter = meter
  }

  missed(durationNs: bigint): void {
    this.#unaccountedNs += durationNs
  }

  /** Prices what was posted since the last call. */
  takeRows(): NodeRow[] {
    return this.#rows.take().map(({ durationNs, startUnixMs, endUnixMs, energyUj, meter, quality, uncertaintyUj }) => {
      const emissions = this.#carbon.book(energyUj, startUnixMs, endUnixMs)
      const coveredMs = wholeMs(durationNs)
      return { startUnixMs, endUnixMs, meter, quality, energyUj, uncertaintyUj, coveredMs, ...emissions }
    })
  }

  state(settledNs: bigint): NodeState {
    return {
      energyUj: { ...this.#energyUj },
      unaccountedNs: this.#unaccountedNs,
      settledNs,
      meter: this.#meter,
    }
  }

  /** Meter of the last posting, be it of an earlier run. */
  get meter(): string | null {
    return this.#meter
  }

  get totalUj(): bigint {
    return this.#energyUj.measured + this.#energyUj.derived + this.#energyUj.estimated
  }

  get uncertaintyRatio(): number | null {
    return this.#uncertainty.ratio()
  }

  /** The last posting while it is recent, with its mean power. */
  current(nowNs: bigint): { readonly meter: string; readonly powerUw: bigint } | null {
    const last = this.#last
    if (last === null || nowNs - last.endNs > FRESH_NS) return null
    return { meter: last.meter, powerUw: meanPowerUw(last.energyUj, last.endNs - last.startNs) }
  }
}
