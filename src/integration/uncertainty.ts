/**
 * GUM (JCGM 100:2008) 5.1 and 5.2: contributions that share a factor (one sensor's calibration, one meter over time) are
 * fully correlated and add linearly; those that share none add in quadrature. All are standard uncertainties, k = 1.
 */
export function inQuadrature(contributions: Iterable<number>): number {
  let squares = 0
  for (const contribution of contributions) squares += contribution * contribution
  return Math.sqrt(squares)
}

/** Sums contributions linearly for each shared factor and then in quadrature over the factors. */
export class UncertaintyBudget {
  readonly #byFactor = new Map<string, number>()

  add(sharedFactor: string, contribution: number): void {
    this.#byFactor.set(sharedFactor, (this.#byFactor.get(sharedFactor) ?? 0) + contribution)
  }

  addAll(contributions: Iterable<readonly [sharedFactor: string, contribution: number]>): void {
    for (const [sharedFactor, contribution] of contributions) this.add(sharedFactor, contribution)
  }

  get contributions(): Iterable<readonly [sharedFactor: string, contribution: number]> {
    return this.#byFactor
  }

  combined(): number {
    return inQuadrature(this.#byFactor.values())
  }
}

const WINDOW_MS = 3_600_000
/** Coverage factor for 95 % (GUM 6.2, normal distribution). */
const K95 = 2

/** Relative 95 % half-width of the node's energy over the last hour. */
export class HourlyUncertainty {
  readonly #minutes = new Map<number, { energyUj: number; readonly budget: UncertaintyBudget }>()

  /** @param contributions standard uncertainties in µJ by their shared factor */
  add(minuteUnixMs: number, energyUj: bigint, contributions: ReadonlyMap<string, number>): void {
    let minute = this.#minutes.get(minuteUnixMs)
    if (minute === undefined) {
      for (const other of this.#minutes.keys()) {
        if (Math.abs(minuteUnixMs - other) >= WINDOW_MS) this.#minutes.delete(other)
      }
      minute = { energyUj: 0, budget: new UncertaintyBudget() }
      this.#minutes.set(minuteUnixMs, minute)
    }
    minute.energyUj += Number(energyUj)
    minute.budget.addAll(contributions)
  }

  /** Null while no energy is known. */
  ratio(): number | null {
    const hour = new UncertaintyBudget()
    let energyUj = 0
    for (const minute of this.#minutes.values()) {
      hour.addAll(minute.budget.contributions)
      energyUj += minute.energyUj
    }
    return energyUj > 0 ? (K95 * hour.combined()) / energyUj : null
  }
}
