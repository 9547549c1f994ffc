import type { Correction, NodeStep } from '../../ledger/history-rows.ts'
import type { Quality } from '../../model/posting.ts'
import { HOUR_MS } from '../../model/time.ts'

const UJ_PER_KWH = 3.6e12

type Mass = 'location' | 'market' | 'embodied' | 'siteWater' | 'gridWater'

/** Grams and litres; null where not known for all of the energy, or where there is none. */
export type Masses = Readonly<Record<Mass, number | null>>

/** What is known of one stretch of time. */
export class Step {
  readonly start: number
  #coveredMs = 0
  #facilityUj = 0
  readonly #uj = { measured: 0, derived: 0, estimated: 0 }
  /** By meter: their errors are common to all that one measured (GUM 5.2.2). */
  readonly #meters = new Map<string, { energyUj: number; uncertaintyUj: number }>()
  readonly #masses: Record<Mass, number | null> = { location: 0, market: 0, embodied: 0, siteWater: 0, gridWater: 0 }
  #cost: number | null = 0

  constructor(start: number) {
    this.start = start
  }

  /** `price`: millionths of the currency for a kWh, times the milliseconds of the hour; null where there is none. */
  add(row: NodeStep, corrections: readonly Correction[], price: bigint | null): void {
    const energyUj = row.measuredUj + row.derivedUj + row.estimatedUj
    this.#coveredMs += row.coveredMs
    this.#facilityUj += row.facilityUj
    this.#uj.measured += row.measuredUj
    this.#uj.derived += row.derivedUj
    this.#uj.estimated += row.estimatedUj
    const meter = this.#meters.get(row.meter) ?? { energyUj: 0, uncertaintyUj: 0 }
    this.#meters.set(row.meter, meter)
    meter.energyUj += energyUj
    meter.uncertaintyUj += row.uncertaintyUj
    const corrected = (account: Correction['account'], bookedUg: number | null) =>
      bookedUg === null ? null : bookedUg + correctionOf(account, corrections, energyUj)
    this.#addMass('location', corrected('location', row.co2e_location_ug))
    this.#addMass('market', corrected('market', row.co2e_market_ug))
    this.#addMass('embodied', row.embodied_ug)
    this.#addMass('siteWater', row.site_water_ul)
    this.#addMass('gridWater', row.grid_water_ul)
    const isKnown = this.#cost !== null && price !== null
    this.#cost = isKnown ? Number(this.#cost) + ((energyUj / UJ_PER_KWH) * Number(price)) / HOUR_MS / 1e6 : null
  }

  get powerW(): number | null {
    return this.meanW(this.#energyUj)
  }

  /** Half-width of the 95 % interval. */
  get uncertaintyW(): number | null {
    return this.meanW(this.#uncertaintyUj)
  }

  qualityW(quality: Quality): number | null {
    return this.meanW(this.#uj[quality])
  }

  /** `energyUj` over the time that is known; null where none is. */
  meanW(energyUj: number): number | null {
    return this.#coveredMs === 0 ? null : round(energyUj / this.#coveredMs / 1e3)
  }

  get energyKwh(): number {
    return kwhOf(this.#energyUj)
  }

  get uncertaintyKwh(): number {
    return kwhOf(this.#uncertaintyUj)
  }

  kwhOf(quality: Quality): number {
    return kwhOf(this.#uj[quality])
  }

  /** Those that measured most first. */
  get meters(): readonly string[] {
    return [...this.#meters].sort(([, a], [, b]) => b.energyUj - a.energyUj).map(([name]) => name)
  }

  /** Mean grams for each kWh that the site took in, by which the location-based grams were counted. */
  get intensity(): number | null {
    const { location } = this.#masses
    return location === null || this.#facilityUj === 0 ? null : round((location / this.#facilityUj) * 3.6e6)
  }

  get masses(): Masses {
    const known = this.#meters.size > 0
    const millionth = (mass: number | null) => (mass === null || !known ? null : round(mass / 1e6, 6))
    const { location, market, embodied, siteWater, gridWater } = this.#masses
    return {
      location: millionth(location),
      market: millionth(market),
      embodied: millionth(embodied),
      siteWater: millionth(siteWater),
      gridWater: millionth(gridWater),
    }
  }

  get cost(): number | null {
    return this.#cost === null || this.#meters.size === 0 ? null : round(this.#cost, 9)
  }

  /** Covered share of a time; null for one of no length. Minutes that passed twice count once. */
  coverage(from: number, until: number): number | null {
    return until <= from ? null : round(Math.min(1, this.#coveredMs / (until - from)), 4)
  }

  get #energyUj(): number {
    return this.#uj.measured + this.#uj.derived + this.#uj.estimated
  }

  get #uncertaintyUj(): number {
    return 2 * Math.hypot(...[...this.#meters.values()].map(({ uncertaintyUj }) => uncertaintyUj))
  }

  #addMass(name: Mass, mass: number | null): void {
    const sum = this.#masses[name]
    this.#masses[name] = sum === null || mass === null ? null : sum + mass
  }
}

/** By energy, of what the hour's bookings were changed by. */
function correctionOf(account: string, corrections: readonly Correction[], energyUj: number): number {
  const found = corrections.find((one) => one.account === account)
  return found === undefined || found.energyUj === 0 ? 0 : found.changeUg * Math.min(1, energyUj / found.energyUj)
}

export function round(value: number, digits = 3): number {
  return Number(value.toFixed(digits))
}

export function kwhOf(energyUj: number): number {
  return round(energyUj / UJ_PER_KWH, 9)
}
