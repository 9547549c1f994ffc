import type { Chance } from './chance.ts'
import { Machine, makeIndex } from './machines.ts'
import { Spells } from './meter.ts'
import { UsualPower } from './model/usual-power.ts'

export type HostTold =
  | { readonly is: 'measured'; readonly powerW: number }
  | { readonly is: 'estimated'; readonly powerW: number; readonly sdW: number }
  | null

/** Of an estimate for a make that stands for its pieces, and once it was compared with a meter. */
const ESTIMATE_SD = 0.15
const ANCHORED_SD = 0.05

/** A server and the meter in it, if it has one. */
export class Host {
  readonly machine: Machine
  readonly #chance: Chance
  readonly #hasMeter: boolean
  readonly #gain: number
  readonly #bias: number
  readonly #silentMeter: Spells
  readonly #frozen: Spells
  readonly #away: Spells
  readonly #usual = new UsualPower()
  readonly #liesFromHour: number
  #ratio: number | null = null
  #lastW = 0
  #useSum = 0
  #powerSum = 0

  /** @param biases of the estimate, by make. @param meterless how often a host has no meter */
  constructor(chance: Chance, biases: readonly number[], hours: number, meterless: number) {
    this.#chance = chance
    this.machine = new Machine(chance)
    this.#hasMeter = !chance.happens(meterless)
    this.#gain = 1 + chance.normal(0.02)
    this.#bias = biases[makeIndex(this.machine)] ?? 1
    this.#silentMeter = new Spells(chance, 0.01, 1)
    this.#frozen = new Spells(chance, 0.003, 1)
    this.#away = new Spells(chance, 0.005, 0.3)
    this.#liesFromHour = chance.happens(0.02) ? chance.uniform(0, hours) : Number.POSITIVE_INFINITY
  }

  /** A quarter of an hour. */
  run(step: number, inletC: number, leastUse: number): number {
    const use = Math.max(this.machine.next(step), leastUse)
    const powerW = this.machine.powerW(use, inletC)
    this.#useSum += use
    this.#powerSum += powerW
    return powerW
  }

  /** What is told of the hour of four quarters that ends. Null where the host has never told anything. */
  tell(hour: number): HostTold {
    const [use, powerW] = [this.#useSum / 4, this.#powerSum / 4]
    this.#useSum = this.#powerSum = 0
    const [isSilent, isFrozen, isAway] = [this.#silentMeter.next(), this.#frozen.next(), this.#away.next()]
    const lie = hour >= this.#liesFromHour ? 1.2 : 1
    const noise = 1 + this.#chance.normal(0.003)
    const step = this.machine.make.stepW
    if (!isFrozen) this.#lastW = Math.round((powerW * this.#gain * lie * noise) / step) * step
    const estimateW = this.machine.estimateW(use, this.#bias)
    if (isAway) {
      const usual = this.#usual.told
      return usual === null ? null : { is: 'estimated', ...usual }
    }
    const isMeasured = this.#hasMeter && !isSilent
    const toldW = isMeasured ? this.#lastW : estimateW * (this.#ratio ?? 1)
    this.#usual.add(toldW)
    if (!isMeasured)
      return { is: 'estimated', powerW: toldW, sdW: toldW * (this.#ratio === null ? ESTIMATE_SD : ANCHORED_SD) }
    this.#ratio = (this.#ratio ?? toldW / estimateW) * 0.95 + (0.05 * toldW) / estimateW
    return { is: 'measured', powerW: toldW }
  }
}
