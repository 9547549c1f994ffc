import type { Chance } from './chance.ts'
import type { Weather } from './model/site.ts'

export const STEPS_PER_HOUR = 4
const HOURS_PER_DAY = 24

export interface Climate {
  readonly meanC: number
  /** Amplitude of the year and of the day. */
  readonly yearC: number
  readonly dayC: number
  /** Standard deviation of what fronts bring. */
  readonly frontC: number
  /** Relative humidity in percent at the mean temperature. */
  readonly humidity: number
}

export const CLIMATES: readonly Climate[] = [
  { meanC: 10, yearC: 9, dayC: 4, frontC: 3.5, humidity: 76 },
  { meanC: 15, yearC: 8, dayC: 6, frontC: 3, humidity: 66 },
  { meanC: 5, yearC: 11, dayC: 4, frontC: 4.5, humidity: 78 },
  { meanC: 20, yearC: 7, dayC: 7, frontC: 2.5, humidity: 60 },
]

/** Weather by quarters of an hour: the year, the day, and fronts of some days. */
export class Sky {
  readonly #climate: Climate
  readonly #chance: Chance
  #frontC = 0
  #damp = 0

  constructor(climate: Climate, chance: Chance) {
    this.#climate = climate
    this.#chance = chance
  }

  /** @param step quarters of an hour since New Year */
  at(step: number): Weather {
    const { meanC, yearC, dayC, frontC, humidity } = this.#climate
    const day = step / STEPS_PER_HOUR / HOURS_PER_DAY
    // A front stays for some two days.
    const kept = 1 - 1 / (48 * STEPS_PER_HOUR)
    const fresh = Math.sqrt(1 - kept * kept)
    this.#frontC = kept * this.#frontC + this.#chance.normal(fresh * frontC)
    this.#damp = kept * this.#damp + this.#chance.normal(fresh * 10)
    const dailyC = dayC * Math.cos(2 * Math.PI * (day - 15 / HOURS_PER_DAY)) * (1 - Math.max(0, this.#damp) / 40)
    const dryC = meanC - yearC * Math.cos((2 * Math.PI * (day - 20)) / 365) + dailyC + this.#frontC
    const relative = Math.max(15, Math.min(99, humidity + this.#damp - 2.5 * (dailyC + 0.4 * this.#frontC)))
    return { dryC, wetC: wetBulbC(dryC, relative) }
  }
}

/** Stull's formula: within 1 K at the pressure of sea level. */
function wetBulbC(dryC: number, humidity: number): number {
  return (
    dryC * Math.atan(0.151977 * Math.sqrt(humidity + 8.313659)) +
    Math.atan(dryC + humidity) -
    Math.atan(humidity - 1.676331) +
    0.00391838 * humidity ** 1.5 * Math.atan(0.023101 * humidity) -
    4.686035
  )
}
