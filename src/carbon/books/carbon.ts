import {
  type CarbonAccount,
  type CarbonBatch,
  type CarbonBooks,
  type CarbonTotals,
  type Counted,
  type EmissionRow,
  type Emissions,
  NO_CARBON,
} from '../../model/carbon.ts'
import type { Component } from '../../model/lifecycle.ts'
import type { ShownIntensity } from '../../model/shown-intensity.ts'
import type { EmbodiedAccrual } from '../embodied/embodied-accrual.ts'
import type { MarketMix } from '../market/market-mix.ts'
import type { PueSource } from '../pue/pue.ts'
import type { GridFigures } from '../sources/grid-figures.ts'
import type { Marginal } from '../sources/marginal.ts'
import type { WaterFactors } from '../water/water.ts'
import { CoveredTime } from './covered-time.ts'
import { EmissionBook } from './emission-book.ts'
import { type Figures, type Piece, piecesOf } from './pieces.ts'
import { OPEN_MS, settle } from './settlement.ts'
import { slotAt } from './slot.ts'

/** The part of the ledger that the carbon books need. */
export interface CarbonStore {
  restore(): { readonly carbon: CarbonTotals; readonly atUnixMs: number } | null
  /** Emissions that begin at or after a time. */
  restoreBooks(sinceUnixMs: number): CarbonBooks
}

export interface CarbonOptions {
  readonly grid: GridFigures
  /** Null: no market-based account. */
  readonly market: MarketMix | null
  readonly pue: PueSource
  readonly water: WaterFactors
  /** Null: the machine has nothing embodied of its own, or it is not counted. */
  readonly embodied: EmbodiedAccrual | null
  /** Shown, and never counted with. */
  readonly marginal: Marginal | null
  readonly store: CarbonStore
  /** What keeps the sources fresh, started once the books are open and stopped with them. */
  readonly refresher: Component
  readonly unixMs: () => number
}

/** The carbon books: every interval of energy at the figures of its own time, settled when better ones arrive. */
export class Carbon implements CarbonAccount, Component {
  readonly name = 'carbon'
  readonly #options: CarbonOptions
  readonly #figures: Figures
  #book = new EmissionBook()
  readonly #covered = new CoveredTime()
  /** The end of the newest time that was booked. */
  #newestUnixMs = Number.NEGATIVE_INFINITY
  #siteWaterUl = 0n
  #gridWaterUl = 0n

  constructor(options: CarbonOptions) {
    const { grid, pue, market } = options
    this.#options = options
    this.#figures = { grid, pue, untilUnixMs: (at) => market?.untilUnixMs(at) ?? Number.POSITIVE_INFINITY }
  }

  /** Goes on from what the ledger holds. */
  async start(signal: AbortSignal): Promise<void> {
    const { store, unixMs, market, embodied, refresher } = this.#options
    const { carbon: totals, atUnixMs } = store.restore() ?? { carbon: NO_CARBON, atUnixMs: 0 }
    // A clock that begins at 1970, until it is set, would open the books of all years.
    const nowUnixMs = Math.max(unixMs(), atUnixMs)
    const books = store.restoreBooks(nowUnixMs - OPEN_MS)
    this.#book = new EmissionBook(totals, books)
    this.#restoreCovered(books.emissions, atUnixMs)
    this.#siteWaterUl = totals.siteWaterUl
    this.#gridWaterUl = totals.gridWaterUl
    market?.restore(totals.claimedUj)
    embodied?.restore(totals.bookedUg.embodied['life-cycle'])
    await refresher.start(signal)
  }

  async stop(signal: AbortSignal): Promise<void> {
    await this.#options.refresher.stop(signal)
  }

  book(energyUj: bigint, startUnixMs: number, endUnixMs: number): Emissions {
    const [start, end] = [Math.round(startUnixMs), Math.round(endUnixMs)]
    let [locationUg, marketUg, siteUl, gridUl, puePpm, facility] = [0n, 0n, 0n, 0n, 0n, 0n]
    // What comes late is of a time whose sources were told of then; after a clock was set back, all is new again.
    this.#newestUnixMs = Math.min(this.#newestUnixMs, this.#options.unixMs())
    for (const piece of piecesOf(energyUj, start, end, this.#figures)) {
      const { grid, pue, slot, atUnixMs, untilUnixMs } = piece
      if (untilUnixMs > this.#newestUnixMs) {
        this.#options.grid.note(grid, Math.max(atUnixMs, this.#newestUnixMs))
        this.#newestUnixMs = untilUnixMs
      }
      locationUg += this.#book.addEnergy('location', slot, grid.factor, pue, piece.energyUj)
      marketUg += this.#bookMarket(piece)
      const litres = this.#options.water.litresOf(piece.energyUj, pue.puePpm)
      siteUl += litres.siteUl ?? 0n
      gridUl += litres.gridUl ?? 0n
      puePpm = pue.puePpm
      facility += piece.energyUj * puePpm
    }
    this.#siteWaterUl += siteUl
    this.#gridWaterUl += gridUl
    const { siteLPerKwh, gridLPerKwh } = this.#options.water.describe
    return {
      co2eLocationUg: locationUg,
      co2eMarketUg: this.#options.market === null ? null : marketUg,
      embodiedUg: this.#accrue(start, end),
      siteWaterUl: siteLPerKwh === null ? null : siteUl,
      gridWaterUl: gridLPerKwh === null ? null : gridUl,
      puePpm: energyUj > 0n ? facility / energyUj : puePpm,
    }
  }

  intensities(): readonly ShownIntensity[] {
    const { grid, marginal, unixMs } = this.#options
    const shown = marginal?.current() ?? null
    return [grid.at(unixMs()).intensity, ...(shown === null ? [] : [shown])]
  }

  collect(): CarbonBatch {
    const { grid, unixMs } = this.#options
    const [change, grownLate] = [grid.takeChange(), this.#book.takeGrownLate()]
    settle(grownLate, this.#book, grid, unixMs())
    if (change !== null) settle(this.#book.openWithin(change), this.#book, grid, unixMs())
    const rows = this.#book.collect()
    this.#book.closeBefore(unixMs() - OPEN_MS)
    return { ...rows, totals: this.totals }
  }

  get puePpm(): bigint {
    return this.#options.pue.cover(this.#options.unixMs()).statement.puePpm
  }

  get counted(): Counted {
    const { grid, market, embodied, water } = this.#options
    return {
      location: grid.bases,
      market: market === null ? [] : [...new Set([...market.bases, ...grid.bases])],
      embodied: embodied === null ? [] : [embodied.factor.basis],
      siteWater: water.describe.siteLPerKwh !== null,
      gridWater: water.describe.gridLPerKwh !== null,
    }
  }

  get totals(): CarbonTotals {
    return {
      ...this.#book.totals,
      siteWaterUl: this.#siteWaterUl,
      gridWaterUl: this.#gridWaterUl,
      claimedUj: this.#options.market?.claimedUj ?? {},
    }
  }

  #bookMarket({ atUnixMs, grid, slot, pue, energyUj }: Piece): bigint {
    const { market } = this.#options
    if (market === null) return 0n
    let [ug, leftUj] = [0n, energyUj]
    for (const claim of market.split(energyUj, pue.puePpm, atUnixMs)) {
      const own = slotAt(atUnixMs, claim.factor, Number.POSITIVE_INFINITY)
      ug += this.#book.addEnergy('market', own, claim.factor, pue, claim.energyUj)
      leftUj -= claim.energyUj
    }
    return ug + this.#book.addEnergy('market', slot, grid.factor, pue, leftUj)
  }

  #accrue(startUnixMs: number, endUnixMs: number): bigint | null {
    const { embodied, unixMs } = this.#options
    if (embodied === null) return null
    let ug = 0n
    for (const { startsUnixMs, endsUnixMs } of this.#covered.take(startUnixMs, endUnixMs, unixMs())) {
      for (let at = startsUnixMs; at < endsUnixMs; ) {
        const slot = slotAt(at, embodied.factor, Number.POSITIVE_INFINITY)
        const until = Math.min(slot.endUnixMs, endsUnixMs)
        ug += this.#book.addMass('embodied', slot, embodied.factor, embodied.accrue(at, until))
        at = until
      }
    }
    return ug
  }

  /** What is booked of an hour tells how much of it was covered; taken for its first part, which it is in all but the first. */
  #restoreCovered(emissions: readonly EmissionRow[], atUnixMs: number): void {
    const { embodied } = this.#options
    if (embodied === null) return
    for (const { account, startUnixMs, co2eUg } of emissions) {
      if (account !== 'embodied') continue
      const endUnixMs = Math.min(startUnixMs + embodied.lengthMs(co2eUg), atUnixMs)
      this.#covered.take(startUnixMs, endUnixMs, atUnixMs)
    }
  }
}
