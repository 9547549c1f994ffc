import { least } from '../model/bigint.ts'
import type { Part } from '../model/part.ts'
import type { Quality } from '../model/posting.ts'
import { NS_PER_S } from '../model/units.ts'
import { IdlePower } from './idle-power.ts'
import type { LoadCurves } from './load-curves.ts'

/** More are not learned. A machine has some dozens. */
const MOST_LEAVES = 256
/** The power of a longer time is a mean over many loads, and tells of none. */
const MOST_LEARNED_NS = 60n * NS_PER_S

/** Energy of one leaf over some time, and how busy the leaf was. */
export interface LeafTime {
  readonly leaf: string
  readonly part: Part
  readonly quality: Quality
  readonly energyUj: bigint
  readonly startNs: bigint
  readonly endNs: bigint
  readonly utilisation: number | null
}

interface Entry {
  readonly power: IdlePower
  /** Up to here the leaf's energy was told. */
  toldNs: bigint
}

/** The idle power of each leaf, by what tells its energy: a meter and a model of one leaf need not agree. */
export class IdleBook {
  readonly #curves: LoadCurves
  readonly #saved: Readonly<Record<string, string>>
  readonly #entries = new Map<string, Entry>()

  constructor(curves: LoadCurves, saved: Readonly<Record<string, string>>) {
    this.#curves = curves
    this.#saved = saved
  }

  /**
   * The idle part of a leaf's energy, and never more than that; null for what comes on top of a time that was told before,
   * as the rest does when another leaf is late: that is no power of its own.
   */
  idleUj(time: LeafTime): bigint | null {
    const { energyUj, startNs, endNs, utilisation } = time
    const entry = this.#entryOf(time)
    if (startNs < entry.toldNs) return null
    entry.toldNs = endNs
    const seconds = Number(endNs - startNs) / 1e9
    const powerUw = Number(energyUj) / seconds
    if (utilisation !== null && endNs - startNs <= MOST_LEARNED_NS) entry.power.learn(utilisation, powerUw, seconds)
    return least(BigInt(Math.round(entry.power.idleUw(utilisation, powerUw) * seconds)), energyUj)
  }

  /** Of each leaf, as text: what another run goes on from. */
  get state(): Readonly<Record<string, string>> {
    const current = [...this.#entries].map(([key, { power }]) => [key, power.text] as const)
    return Object.fromEntries([...Object.entries(this.#saved), ...current].slice(-MOST_LEAVES))
  }

  #entryOf({ leaf, part, quality }: LeafTime): Entry {
    const key = `${leaf} ${quality}`
    const known = this.#entries.get(key)
    if (known) return known
    const entry = { power: new IdlePower(this.#curves[part], this.#saved[key]), toldNs: 0n }
    if (this.#entries.size < MOST_LEAVES) this.#entries.set(key, entry)
    return entry
  }
}
