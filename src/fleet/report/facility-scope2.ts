import { HOUR_MS } from '../../model/time.ts'
import type { HostHour } from '../account/host-hours.ts'

export interface FacilityScope2 {
  /** Grams; null where hosts do not have the figure. */
  readonly locationG: number | null
  readonly marketG: number | null
  /** Hours in which the PUE of the meters was used, and those in which that of the hosts had to be. */
  readonly meteredHours: number
  readonly otherHours: number
}

/** Scope 2 of the site: emissions of each hour's IT at the intensity of that hour, times the PUE that meters told for it. */
export class FacilityTally {
  readonly #from: number
  /** Grams of the IT alone, and with the PUE that hosts count by. */
  readonly #sums: Readonly<Record<'location' | 'market', { readonly it: Float64Array; readonly counted: Float64Array }>>

  constructor(fromUnixMs: number, hours: number) {
    this.#from = fromUnixMs
    const none = () => ({ it: new Float64Array(hours), counted: new Float64Array(hours) })
    this.#sums = { location: none(), market: none() }
  }

  add({ hourUnixMs, locationUg, marketUg, pue }: HostHour): void {
    const at = (hourUnixMs - this.#from) / HOUR_MS
    for (const [key, ug] of [
      ['location', locationUg],
      ['market', marketUg],
    ] as const) {
      const grams = ug === null ? Number.NaN : Number(ug) / 1e6
      const { it, counted } = this.#sums[key]
      it[at] = (it[at] ?? 0) + grams / pue
      counted[at] = (counted[at] ?? 0) + grams
    }
  }

  /** `pue` is by the hour; NaN where no meter tells. */
  scope2(pue: Float64Array): FacilityScope2 {
    const of = (key: 'location' | 'market') => {
      const { it, counted } = this.#sums[key]
      const grams = it.reduce(
        (sum, own, at) => sum + (Number.isNaN(pue[at] ?? Number.NaN) ? (counted[at] ?? 0) : own * (pue[at] ?? 1)),
        0,
      )
      return Number.isNaN(grams) ? null : grams
    }
    const meteredHours = pue.reduce((sum, ratio) => sum + Number(!Number.isNaN(ratio)), 0)
    return { locationG: of('location'), marketG: of('market'), meteredHours, otherHours: pue.length - meteredHours }
  }
}
