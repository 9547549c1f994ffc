import type { Chance } from './chance.ts'

const HOURS_PER_DAY = 24

/** Spans in which something is out of order: starts at random, some days long. */
export class Spells {
  readonly #chance: Chance
  readonly #perDay: number
  readonly #days: number
  #left = 0

  constructor(chance: Chance, perDay: number, days: number) {
    this.#chance = chance
    this.#perDay = perDay
    this.#days = days
  }

  /** Whether it is in this hour. */
  next(): boolean {
    if (this.#left > 0) this.#left--
    else if (this.#chance.happens(this.#perDay / HOURS_PER_DAY))
      this.#left = Math.ceil(this.#chance.uniform(0.1, 2) * this.#days * HOURS_PER_DAY)
    return this.#left > 0
  }
}

/** A meter of some class: its gain is wrong for good, each hour a little otherwise, and at times it is silent or stands still. */
export class PlantMeter {
  readonly #chance: Chance
  readonly #gain: number
  readonly #silent: Spells
  readonly #frozen: Spells
  #lastW = 0

  /** @param limit of its class: no sound meter is off by more, and most by less than half of it */
  constructor(chance: Chance, limit: number, faultsPerDay: number) {
    this.#chance = chance
    this.#gain = 1 + Math.max(-limit, Math.min(limit, chance.normal(limit / 2)))
    this.#silent = new Spells(chance, faultsPerDay, 1)
    this.#frozen = new Spells(chance, faultsPerDay / 3, 0.5)
  }

  tell(powerW: number): number | null {
    const isFrozen = this.#frozen.next()
    if (!isFrozen) this.#lastW = powerW * this.#gain * (1 + this.#chance.normal(0.0005))
    return this.#silent.next() ? null : this.#lastW
  }
}
