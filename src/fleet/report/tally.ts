import { type Figures, NO_FIGURES } from '../../report/figures.ts'
import { type Host, type HostHour, MASS_KEYS, type MassKey } from '../account/host-hours.ts'

interface Doubt {
  uj: number
  isModelled: boolean
}

/** Sums hours of hosts to the figures of a row. */
export class FleetTally {
  #energyUj = 0n
  readonly #masses = new Map<MassKey, bigint | null>()
  /** By host, since the error of a meter is the same in each hour. */
  readonly #doubts = new Map<Host, Doubt>()
  coveredMs = 0
  expectedMs = 0

  add({ host, energyUj, uncertainty, isModelled, ...hour }: HostHour): void {
    this.#energyUj += energyUj
    for (const key of MASS_KEYS) {
      const [sum, part] = [this.#masses.get(key), hour[key]]
      // A figure that some hosts do not have is not known for all of them.
      this.#masses.set(key, sum === null || part === null ? null : (sum ?? 0n) + part)
    }
    const doubt = this.#doubts.get(host) ?? { uj: 0, isModelled }
    doubt.uj += Number(energyUj) * uncertainty
    this.#doubts.set(host, doubt)
  }

  get figures(): Figures {
    let [independent, shared] = [0, 0]
    for (const { uj, isModelled } of this.#doubts.values()) {
      if (isModelled) shared += uj
      else independent += uj ** 2
    }
    const isEmpty = this.#energyUj === 0n
    return {
      ...NO_FIGURES,
      ...(Object.fromEntries(MASS_KEYS.map((key) => [key, this.#masses.get(key) ?? null])) as Record<
        MassKey,
        bigint | null
      >),
      energyUj: this.#energyUj,
      cost: null,
      uncertaintyPct: isEmpty ? null : (100 * Math.sqrt(independent + shared ** 2)) / Number(this.#energyUj),
      coveragePct: this.expectedMs === 0 ? null : (100 * this.coveredMs) / this.expectedMs,
    }
  }
}
