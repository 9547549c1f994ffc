import type { Chance } from './chance.ts'
import type { Weather } from './model/site.ts'
import { STEPS_PER_HOUR } from './weather.ts'

/** Machines of a stage run from one threshold to another, so that what runs depends on what ran before. */
class Stages {
  readonly #upAt: number
  readonly #downAt: number
  readonly #capacityW: number
  #running = 1
  #sinceChange = 0

  constructor(capacityW: number, upAt: number, downAt: number) {
    this.#capacityW = capacityW
    this.#upAt = upAt
    this.#downAt = downAt
  }

  /** How many run for that load. None changes within half an hour. */
  next(loadW: number): number {
    this.#sinceChange++
    const needed = Math.ceil(loadW / this.#capacityW)
    if (this.#running < needed) this.#change(needed)
    else if (this.#sinceChange >= STEPS_PER_HOUR / 2) {
      if (loadW > this.#upAt * this.#running * this.#capacityW) this.#change(this.#running + 1)
      else if (this.#running > 1 && loadW < this.#downAt * (this.#running - 1) * this.#capacityW)
        this.#change(this.#running - 1)
    }
    return this.#running
  }

  #change(running: number): void {
    this.#running = Math.max(1, running)
    this.#sinceChange = 0
  }
}

/** Modules of an uninterruptible supply, which rest where the others will do. */
export class Supply {
  readonly #moduleW: number
  readonly #stages: Stages
  readonly #quality: number

  constructor(chance: Chance, designW: number) {
    this.#moduleW = designW / chance.of([3, 4, 5])
    this.#stages = new Stages(this.#moduleW, 0.8, 0.55)
    this.#quality = chance.uniform(0.8, 1.3)
  }

  lossW(loadW: number): number {
    // One more runs than is needed.
    const running = this.#stages.next(loadW) + 1
    const each = loadW / running / this.#moduleW
    return this.#quality * running * this.#moduleW * (0.009 + 0.016 * each + 0.021 * each * each)
  }
}

export type PlantKind = 'chillers' | 'direct' | 'outside air'
export const PLANT_KINDS: readonly PlantKind[] = ['chillers', 'direct', 'outside air']

/** The cooling of a building: fans of rooms, machines in stages, free cooling that lingers, walls that remember. */
export class Plant {
  readonly #kind: PlantKind
  readonly #designW: number
  readonly #stages: Stages
  readonly #machineW: number
  readonly #cop: number
  readonly #freeC: number
  readonly #fansW: number
  readonly #soilPerDay: number
  #isFree = false
  #heatW: number | null = null
  #setPointC: number

  constructor(chance: Chance, kind: PlantKind, designW: number) {
    this.#kind = kind
    this.#designW = designW
    this.#machineW = designW / chance.of([3, 4, 6])
    this.#stages = new Stages(this.#machineW, 0.9, 0.7)
    this.#cop = {
      chillers: chance.uniform(5, 6.5),
      direct: chance.uniform(3.2, 4.2),
      'outside air': chance.uniform(4, 5),
    }[kind]
    this.#freeC = {
      chillers: chance.uniform(5, 9),
      direct: chance.uniform(-2, 2),
      'outside air': chance.uniform(15, 18),
    }[kind]
    this.#fansW = designW * chance.uniform(0.05, 0.09)
    this.#soilPerDay = chance.uniform(0, 0.0008)
    this.#setPointC = chance.uniform(19, 23)
  }

  /** Temperature of the air that leaves the coolers. */
  get setPointC(): number {
    return this.#setPointC
  }

  raise(byC: number): void {
    this.#setPointC += byC
  }

  /** @param heatW what the rooms give off. @param day since the heat exchangers were cleaned */
  powerW(heatW: number, { dryC, wetC }: Weather, day: number): number {
    const share = heatW / this.#designW
    const fansW = this.#fansW * Math.max(0.4, Math.min(1.2, share + 0.12 - 0.015 * (this.#setPointC - 21))) ** 2.7
    const throughWallsW = 0.0025 * this.#designW * (dryC - 22)
    const now = Math.max(0, heatW + fansW + throughWallsW)
    this.#heatW = (this.#heatW ?? now) + (now - (this.#heatW ?? now)) / (1.7 * STEPS_PER_HOUR)
    return fansW + this.#machinesW(this.#heatW, dryC, wetC, day)
  }

  #machinesW(heatW: number, dryC: number, wetC: number, day: number): number {
    const outsideC = this.#kind === 'direct' ? dryC : wetC
    const freeC = this.#freeC + 0.6 * (this.#setPointC - 21)
    // Between both it stays as it was.
    if (outsideC < freeC - 1.2) this.#isFree = true
    if (outsideC > freeC + 1.2) this.#isFree = false
    // Above, part of the heat still leaves by itself.
    const freed = this.#isFree ? 1 : Math.max(0, Math.min(0.8, 1 - (outsideC - freeC) / 7))
    const chilledW = (1 - freed) * heatW
    const pumpsW = 0.012 * heatW + 0.006 * this.#designW
    const towers =
      this.#kind === 'direct' ? 0 : 0.02 * this.#designW * (0.3 + 0.7 * Math.min(1, heatW / this.#designW)) ** 3
    const freeW = freed > 0 ? 0.01 * this.#designW * Math.max(0.2, 1 - (freeC - outsideC) / 15) : 0
    if (chilledW < 0.01 * this.#designW) return pumpsW + towers + freeW
    const running = this.#stages.next(chilledW)
    const part = Math.max(0.1, chilledW / (running * this.#machineW))
    const lift = 1 - 0.022 * (Math.max(12, outsideC + 5) - 25) + 0.02 * (this.#setPointC - 21)
    const cop = this.#cop * lift * (1 - 0.75 * (part - 0.72) ** 2) * (1 - this.#soilPerDay * day)
    return chilledW / Math.max(1.5, cop) + pumpsW + towers + freeW + 0.012 * this.#machineW * running
  }
}
