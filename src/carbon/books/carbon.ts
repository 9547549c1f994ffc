import {
  type CarbonAccount,
  type CarbonBatch,
  type CarbonBooks,
  type CarbonTotals,
  type Counted,
  type Emissions,
  type IntensityBasis,
  NO_CARBON,
  type ShownIntensity,
} from '../../model/carbon.ts'
import type { EventRow } from '../../model/event-row.ts'
import type { Component } from '../../model/lifecycle.ts'
import type { Part } from '../../model/part.ts'
import { LookNews } from '../../model/sparing-news.ts'
import type { EmbodiedAccrual } from '../embodied/embodied-accrual.ts'
import type { GridFigure, GridFigures } from '../intensity/grid-figures.ts'
import type { SourceChange } from '../intensity/source-change.ts'
import type { Marginal } from '../marginal/marginal.ts'
import type { MarketMix } from '../market/market-mix.ts'
import type { PueSource } from '../pue/pue.ts'
import { slotAt } from '../time/slot.ts'
import type { WaterFactors } from '../water/water.ts'
import { Bookings } from './bookings.ts'
import { type FigureSources, type Portion, portionsOf } from './portions.ts'
import { OPEN_MS, restateBetter } from './restating.ts'

/** The part of the ledger that the carbon books need. */
export interface CarbonStore {
  restore(): { readonly carbon: CarbonTotals; readonly atUnixMs: number } | null
  /** Emissions that begin at or after a time. */
  restoreBooks(sinceUnixMs: number): CarbonBooks
}

export interface CarbonOptions {
  readonly grid: GridFigures
  /** Says in the log that another source counts, and gives the text of the ledger's event. */
  readonly announce: (change: SourceChange, more: string) => Pick<EventRow, 'what' | 'detail'>
  /** Null: no market-based account. */
  readonly market: MarketMix | null
  readonly pue: PueSource
  readonly water: WaterFactors
  /** Null: the machine has no embodied carbon of its own, or it is not counted. */
  readonly embodied: EmbodiedAccrual | null
  /** Shown, and never counted with. */
  readonly marginal: Marginal | null
  readonly store: CarbonStore
  /** Keeps the sources fresh. Started once the books are open, and stopped with them. */
  readonly refresher: Component
  readonly unixMs: () => number
  /** Of a monotonic clock. Default: the process's. */
  readonly nowNs?: () => bigint
}

/** The carbon books: energy is booked at the figures of its own time, and restated when better figures arrive. */
export class Carbon implements CarbonAccount, Component {
  readonly name = 'carbon'
  readonly #options: CarbonOptions
  readonly #sources: FigureSources
  readonly #news: LookNews
  #bookings = new Bookings()
  #embodied: EmbodiedAccrual | null
  /** The end of the newest time that was booked. */
  #newestUnixMs = Number.NEGATIVE_INFINITY
  #events: EventRow[] = []
  #siteWaterUl = 0n
  #gridWaterUl = 0n

  constructor(options: CarbonOptions) {
    const { grid, pue, market, embodied, nowNs } = options
    this.#options = options
    this.#embodied = embodied
    this.#news = new LookNews(nowNs)
    this.#sources = { grid, pue, untilUnixMs: (at) => market?.untilUnixMs(at) ?? Number.POSITIVE_INFINITY }
  }

  /** Goes on from what the ledger holds. */
  async start(signal: AbortSignal): Promise<void> {
    const { store, unixMs, market, refresher } = this.#options
    const { carbon: totals, atUnixMs } = store.restore() ?? { carbon: NO_CARBON, atUnixMs: 0 }
    // A clock that stands at 1970 until it is set would open the bookings of all years.
    const nowUnixMs = Math.max(unixMs(), atUnixMs)
    const books = store.restoreBooks(nowUnixMs - OPEN_MS)
    this.#bookings = new Bookings(totals, books)
    this.#siteWaterUl = totals.siteWaterUl
    this.#gridWaterUl = totals.gridWaterUl
    market?.restore(totals.claimedUj)
    this.#embodied?.restore(totals.bookedUg.embodied['life-cycle'])
    await refresher.start(signal)
  }

  async stop(signal: AbortSignal): Promise<void> {
    await this.#options.refresher.stop(signal)
  }

  /** From now on the machine's embodied carbon is another, since more is known of its parts. What is booked stays. */
  embody(embodied: EmbodiedAccrual | null): void {
    embodied?.restore(this.#bookings.totals.bookedUg.embodied['life-cycle'])
    this.#embodied = embodied
  }

  book(energyUj: bigint, startUnixMs: number, endUnixMs: number): Emissions {
    const [start, end] = [Math.round(startUnixMs), Math.round(endUnixMs)]
    let [locationUg, marketUg, siteUl, gridUl, puePpm, facility] = [0n, 0n, 0n, 0n, 0n, 0n]
    // A change of source is announced for new time alone. A clock that was set back makes the time after it new again.
    this.#newestUnixMs = Math.min(this.#newestUnixMs, this.#options.unixMs())
    for (const portion of portionsOf(energyUj, start, end, this.#sources)) {
      const { grid, pue, slot, atUnixMs, untilUnixMs } = portion
      if (untilUnixMs > this.#newestUnixMs) {
        this.#follow(grid, Math.max(atUnixMs, this.#newestUnixMs))
        this.#newestUnixMs = untilUnixMs
      }
      locationUg += this.#bookings.addEnergy('location', slot, grid.factor, pue, portion.energyUj)
      marketUg += this.#bookMarket(portion)
      const litres = this.#options.water.litresOf(portion.energyUj, pue.puePpm)
      siteUl += litres.siteUl ?? 0n
      gridUl += litres.gridUl ?? 0n
      puePpm = pue.puePpm
      facility += portion.energyUj * puePpm
    }
    this.#siteWaterUl += siteUl
    this.#gridWaterUl += gridUl
    const { siteLPerKwh, gridLPerKwh } = this.#options.water.describe
    return {
      co2eLocationUg: locationUg,
      co2eMarketUg: this.#options.market === null ? null : marketUg,
      siteWaterUl: siteLPerKwh === null ? null : siteUl,
      gridWaterUl: gridLPerKwh === null ? null : gridUl,
      puePpm: energyUj > 0n ? facility / energyUj : puePpm,
    }
  }

  cover(startUnixMs: number, durationNs: bigint): bigint | null {
    const embodied = this.#embodied
    if (embodied === null) return null
    const slot = slotAt(Math.round(startUnixMs), embodied.factor, Number.POSITIVE_INFINITY)
    return this.#bookings.addMass('embodied', slot, embodied.factor, embodied.accrue(startUnixMs, durationNs))
  }

  intensities(): readonly ShownIntensity[] {
    const { grid, marginal, unixMs } = this.#options
    const shown = marginal?.current() ?? null
    return [grid.at(unixMs()).intensity, ...(shown === null ? [] : [shown])]
  }

  collect(): CarbonBatch {
    const { grid, unixMs } = this.#options
    const [change, grownLate] = [grid.takeChange(), this.#bookings.takeGrownLate()]
    restateBetter(grownLate, this.#bookings, grid, unixMs())
    if (change !== null) restateBetter(this.#bookings.openWithin(change), this.#bookings, grid, unixMs())
    const rows = this.#bookings.collect()
    this.#news.look()
    this.#bookings.closeBefore(unixMs() - OPEN_MS)
    const events = this.#events
    this.#events = []
    return { ...rows, events, totals: this.totals, stages: this.#embodied?.stages ?? [] }
  }

  /** The figures by which energy of now is counted. */
  get rates(): { readonly mgPerKwh: bigint; readonly basis: IntensityBasis; readonly puePpm: bigint } {
    const { grid, unixMs } = this.#options
    const { mgPerKwh, basis } = grid.at(unixMs()).intensity
    return { mgPerKwh, basis, puePpm: this.puePpm }
  }

  /** Embodied carbon that falls due in a time, in µg; null where none is counted. Books nothing. */
  embodiedUg(startUnixMs: number, endUnixMs: number): bigint | null {
    return this.#embodied?.due(startUnixMs, endUnixMs) ?? null
  }

  get embodiedShares(): ReadonlyMap<Part, number> {
    return this.#embodied?.shares ?? new Map()
  }

  get puePpm(): bigint {
    return this.#options.pue.cover(this.#options.unixMs()).statement.puePpm
  }

  get counted(): Counted {
    const { grid, market, water } = this.#options
    return {
      location: grid.bases,
      market: market === null ? [] : [...new Set([...market.bases, ...grid.bases])],
      embodied: this.#embodied === null ? [] : [this.#embodied.factor.basis],
      siteWater: water.describe.siteLPerKwh !== null,
      gridWater: water.describe.gridLPerKwh !== null,
    }
  }

  get totals(): CarbonTotals {
    return {
      ...this.#bookings.totals,
      siteWaterUl: this.#siteWaterUl,
      gridWaterUl: this.#gridWaterUl,
      claimedUj: this.#options.market?.claimedUj ?? {},
    }
  }

  #follow(grid: GridFigure, atUnixMs: number): void {
    const change = this.#options.grid.follow(grid, atUnixMs)
    if (change === null) return
    const { unixMs, announce } = this.#options
    this.#news.say('source', (more) => this.#events.push({ atUnixMs: unixMs(), ...announce(change, more) }))
  }

  #bookMarket({ atUnixMs, grid, slot, pue, energyUj }: Portion): bigint {
    const { market } = this.#options
    if (market === null) return 0n
    let [ug, leftUj] = [0n, energyUj]
    for (const claim of market.split(energyUj, pue.puePpm, atUnixMs)) {
      const own = slotAt(atUnixMs, claim.factor, Number.POSITIVE_INFINITY)
      ug += this.#bookings.addEnergy('market', own, claim.factor, pue, claim.energyUj)
      leftUj -= claim.energyUj
    }
    return ug + this.#bookings.addEnergy('market', slot, grid.factor, pue, leftUj)
  }
}
