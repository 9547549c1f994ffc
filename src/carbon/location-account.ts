import type { CarbonAccount, Emissions, Intensity } from '../model/carbon.ts'
import { UJ_PER_KWH } from '../model/units.ts'
import type { IntensitySource } from './sources/source.ts'

const PPM = 1_000_000n
const UG_PER_MG = 1_000n
/** µJ · mg/kWh · ppm in one µg. */
const PRODUCT_PER_UG = (UJ_PER_KWH * PPM) / UG_PER_MG

/** Another source than before states the intensity. */
export interface SourceChange {
  readonly from: IntensitySource
  readonly to: IntensitySource
  readonly intensity: Intensity
  readonly atUnixMs: number
  /** True when a preferred source does not cover the time. */
  readonly isFallback: boolean
}

export interface LocationAccountOptions {
  /** In order of preference. The last one covers every time. */
  readonly sources: readonly IntensitySource[]
  readonly puePpm: bigint
  readonly unixMs: () => number
  readonly onChange: (change: SourceChange) => void
}

interface Choice {
  readonly rank: number
  readonly intensity: Intensity
  readonly untilUnixMs: number
}

/** Location-based emissions: every interval at the intensity of its own time. No contracts, no embodied carbon. */
export class LocationAccount implements CarbonAccount {
  readonly puePpm: bigint
  readonly #options: LocationAccountOptions
  #remainder = 0n
  #rank = 0
  #used = new Map<string, Intensity>()

  constructor(options: LocationAccountOptions) {
    this.puePpm = options.puePpm
    this.#options = options
  }

  emissionsOf(energyUj: bigint, startUnixMs: number, endUnixMs: number): Emissions {
    const [start, end] = [Math.round(startUnixMs), Math.round(endUnixMs)]
    // What a division leaves is carried on: a second at 100 W and 50 g/kWh is 1388.9 µg, and the ninths add up.
    let product = this.#remainder
    let [at, doneUj] = [start, 0n]
    do {
      const choice = this.#choose(at)
      const until = Math.min(choice.untilUnixMs, end)
      // In proportion to time where an intensity ends inside the interval; the pieces sum to the whole.
      const untilUj = until < end ? (energyUj * BigInt(until - start)) / BigInt(end - start) : energyUj
      product += (untilUj - doneUj) * choice.intensity.mgPerKwh * this.puePpm
      // The exporter asks with nothing, for the present, which runs ahead of what is posted.
      if (energyUj > 0n) this.#note(choice, at, until >= end)
      at = until
      doneUj = untilUj
    } while (at < end)
    this.#remainder = product % PRODUCT_PER_UG
    return {
      co2eLocationUg: product / PRODUCT_PER_UG,
      co2eMarketUg: null,
      embodiedUg: null,
      puePpm: this.puePpm,
    }
  }

  intensities(): readonly Intensity[] {
    return [this.#choose(this.#options.unixMs()).intensity]
  }

  takeUsed(): readonly Intensity[] {
    const used = [...this.#used.values()]
    this.#used = new Map()
    return used
  }

  /** The first source that covers a time. What stands in for a preferred one is an estimate, whatever it calls itself. */
  #choose(unixMs: number): Choice {
    let until = Number.POSITIVE_INFINITY
    for (const [rank, source] of this.#options.sources.entries()) {
      const { intensity, untilUnixMs } = source.cover(unixMs)
      until = Math.min(until, untilUnixMs)
      if (intensity === null) continue
      return { rank, untilUnixMs: until, intensity: rank === 0 ? intensity : { ...intensity, status: 'estimated' } }
    }
    throw new Error(`no source covers ${new Date(unixMs).toISOString()}: the last one must cover every time`)
  }

  #note({ rank, intensity }: Choice, atUnixMs: number, isLast: boolean): void {
    this.#used.set(`${intensity.source} ${intensity.startsUnixMs}`, intensity)
    if (!isLast || rank === this.#rank) return
    const { sources, onChange } = this.#options
    const [from, to] = [sources[this.#rank], sources[rank]]
    const isFallback = rank > this.#rank
    this.#rank = rank
    if (from !== undefined && to !== undefined) onChange({ from, to, intensity, atUnixMs, isFallback })
  }
}
