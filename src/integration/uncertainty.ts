import type { Channel } from '../model/channel.ts'

/** Coverage factor for 95 % (GUM 6.2, normal distribution). */
export const K95 = 2

/**
 * GUM (JCGM 100:2008) 5.1 and 5.2: contributions that share a factor (one sensor's calibration, one meter over time) are
 * fully correlated and add linearly; those that share none add in quadrature. All are standard uncertainties, k = 1.
 */
export function inQuadrature(contributions: Iterable<number>): number {
  let squares = 0
  for (const contribution of contributions) squares += contribution * contribution
  return Math.sqrt(squares)
}

/**
 * What a channel is wrong together with. A model, or the meter inside a processor, is one design: in one machine it errs
 * alike everywhere. A board, a supply and a meter of the machine each have a gain of their own.
 */
export function sharedFactorOf({ sensor, scope, device, quality }: Channel): string {
  return quality === 'measured' && !OF_PROCESSORS.has(scope) ? `${sensor}/${scope}/${device}` : sensor
}

const OF_PROCESSORS: ReadonlySet<Channel['scope']> = new Set(['psys', 'package', 'core', 'uncore', 'dram'])

/**
 * The loss of a supply is known by a range, each value as likely (GUM 4.3.7): alone it lies within 1.65 standard
 * uncertainties in 95 % (GUM G.6.5), with as much of another such within 1.90 and with much else within 2. What decides is
 * the share in the fourth moment.
 */
export const SUPPLY_FACTOR = 'supply'

/** Sums contributions linearly for each shared factor and then in quadrature over the factors. */
export class UncertaintyBudget {
  readonly #byFactor = new Map<string, number>()

  add(sharedFactor: string, contribution: number): void {
    this.#byFactor.set(sharedFactor, (this.#byFactor.get(sharedFactor) ?? 0) + contribution)
  }

  /** What `energyUj` of a source may be off by. */
  addEnergy(source: { readonly sharedFactor: string; readonly relativeUncertainty: number }, energyUj: bigint): void {
    this.add(source.sharedFactor, Number(energyUj) * source.relativeUncertainty)
  }

  addAll(contributions: Iterable<readonly [sharedFactor: string, contribution: number]>): void {
    for (const [sharedFactor, contribution] of contributions) this.add(sharedFactor, contribution)
  }

  get contributions(): ReadonlyMap<string, number> {
    return this.#byFactor
  }

  /** Half of the 95 % interval's half-width: the standard uncertainty, less where a supply's range is most of it. */
  combined(): number {
    const sum = inQuadrature(this.#byFactor.values())
    const ranged = sum > 0 ? ((this.#byFactor.get(SUPPLY_FACTOR) ?? 0) / sum) ** 4 : 0
    return sum * (1 - 0.019 * ranged - 0.158 * ranged ** 2)
  }
}

const WINDOW_MS = 3_600_000
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
