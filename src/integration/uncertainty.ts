/**
 * GUM (JCGM 100:2008) 5.1 and 5.2: contributions that share a factor (one sensor's calibration, one meter over time) are
 * fully correlated and add linearly; those that share none add in quadrature. All are standard uncertainties, k = 1.
 */
export function inQuadrature(contributions: Iterable<number>): number {
  let squares = 0
  for (const contribution of contributions) squares += contribution * contribution
  return Math.sqrt(squares)
}

/** Sums contributions linearly within each class and then in quadrature over the classes. */
export class UncertaintyBudget {
  readonly #byClass = new Map<string, number>()

  add(sharedFactor: string, contribution: number): void {
    this.#byClass.set(sharedFactor, (this.#byClass.get(sharedFactor) ?? 0) + contribution)
  }

  combined(): number {
    return inQuadrature(this.#byClass.values())
  }
}

const WINDOW_MS = 3_600_000
/** Coverage factor for 95 % (GUM 6.2, normal distribution). */
const K95 = 2

/** Relative 95 % half-width of the node's energy over the last hour. */
export class HourlyUncertainty {
  #entries: {
    readonly atUnixMs: number
    readonly meter: string
    readonly energyUj: number
    readonly uncertaintyUj: number
  }[] = []

  add(atUnixMs: number, meter: string, energyUj: bigint, uncertaintyUj: bigint): void {
    const last = this.#entries.at(-1)
    const entry = { atUnixMs, meter, energyUj: Number(energyUj), uncertaintyUj: Number(uncertaintyUj) }
    if (last !== undefined && last.meter === meter && atUnixMs === last.atUnixMs) {
      this.#entries[this.#entries.length - 1] = {
        ...entry,
        energyUj: last.energyUj + entry.energyUj,
        uncertaintyUj: last.uncertaintyUj + entry.uncertaintyUj,
      }
    } else {
      this.#entries.push(entry)
    }
    this.#entries = this.#entries.filter((one) => Math.abs(atUnixMs - one.atUnixMs) < WINDOW_MS)
  }

  /** Null while no energy is known. */
  ratio(): number | null {
    const budget = new UncertaintyBudget()
    let energyUj = 0
    for (const entry of this.#entries) {
      budget.add(entry.meter, entry.uncertaintyUj)
      energyUj += entry.energyUj
    }
    return energyUj > 0 ? (K95 * budget.combined()) / energyUj : null
  }
}
