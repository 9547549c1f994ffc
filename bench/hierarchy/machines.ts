import type { Chance } from './chance.ts'
import { STEPS_PER_HOUR } from './weather.ts'

interface Make {
  readonly idleW: number
  readonly fullW: number
  /** Of the full power at the highest speed of the fans. */
  readonly fans: number
  readonly weight: number
  /** A BMC rounds to that. */
  readonly stepW: number
}

const MAKES: readonly Make[] = [
  { idleW: 140, fullW: 420, fans: 0.12, weight: 4, stepW: 4 },
  { idleW: 180, fullW: 760, fans: 0.1, weight: 4, stepW: 1 },
  { idleW: 260, fullW: 430, fans: 0.08, weight: 2, stepW: 10 },
  { idleW: 1400, fullW: 6500, fans: 0.15, weight: 0.4, stepW: 20 },
]
const DRAWN = MAKES.flatMap((make) => Array<Make>(Math.round(make.weight * 5)).fill(make))

type Use = 'day' | 'batch' | 'steady'
const USES: readonly Use[] = ['day', 'day', 'batch', 'batch', 'steady']

/** A server whose power bends with its use, and rises with the air that it gets. */
export class Machine {
  readonly make: Make
  readonly #chance: Chance
  readonly #use: Use
  readonly #level: number
  readonly #bend: number
  readonly #idleW: number
  readonly #fullW: number
  #wander = 0
  #isBusy = false

  constructor(chance: Chance) {
    this.#chance = chance
    this.make = chance.of(DRAWN)
    this.#use = chance.of(USES)
    this.#level = chance.uniform(0.15, 0.7)
    this.#bend = chance.uniform(1.15, 1.8)
    this.#idleW = this.make.idleW * Math.exp(chance.normal(0.06))
    this.#fullW = this.make.fullW * Math.exp(chance.normal(0.06))
    this.#isBusy = chance.happens(0.4)
  }

  /** Utilisation in the next quarter of an hour. @param step quarters of an hour since New Year, a Monday */
  next(step: number): number {
    const hour = (step / STEPS_PER_HOUR) % 24
    const isWeekend = Math.floor(step / STEPS_PER_HOUR / 24) % 7 > 4
    this.#wander = 0.97 * this.#wander + this.#chance.normal(0.02)
    if (this.#chance.happens(this.#isBusy ? 0.025 : 0.015)) this.#isBusy = !this.#isBusy
    const day = (isWeekend ? 0.6 : 1) * (1 + 0.45 * Math.cos((2 * Math.PI * (hour - 15)) / 24))
    const use = { day: this.#level * day, batch: this.#isBusy ? 0.92 : 0.04, steady: this.#level }[this.#use]
    return Math.max(0.01, Math.min(1, use + this.#wander))
  }

  /** At its plug. @param inletC of the air that it gets */
  powerW(use: number, inletC: number): number {
    const load = 2 * use - use ** this.#bend
    // Leakage doubles over some 35 K; fans are slow until the air is warm, and take the cube of their speed.
    const leak = this.#idleW * 0.25 * (Math.exp((inletC - 22) / 50) - 1)
    const speed = Math.max(0.3, Math.min(1, 0.3 + (inletC - 23) / 18 + 0.25 * use))
    return this.#idleW + (this.#fullW - this.#idleW) * load + leak + this.make.fans * this.#fullW * (speed ** 3 - 0.06)
  }

  /** What an estimate says that knows the make and not the piece. @param bias of the estimate of that make */
  estimateW(use: number, bias: number): number {
    return (this.make.idleW + (this.make.fullW - this.make.idleW) * (2 * use - use ** 1.4)) * bias
  }
}

export const makeIndex = (machine: Machine): number => MAKES.indexOf(machine.make)
export const MAKE_COUNT = MAKES.length
