import type { BookedHour, MeterHour, NodeHour } from '../ledger/report-rows.ts'
import { sumOrNull } from '../model/bigint.ts'
import { type Figures, MASSES } from './figures.ts'

type Mass = (typeof MASSES)[number]

/** Hours of the machine summed up, with what their uncertainty depends on. */
export class Tally {
  readonly #periodMs: number
  readonly #uj = { measured: 0n, derived: 0n, estimated: 0n }
  readonly #masses = Object.fromEntries(MASSES.map((mass) => [mass, 0n])) as Record<Mass, bigint | null>
  #cost: bigint | null = 0n
  #hours = 0
  #coveredMs = 0n
  #facilityUj = 0n
  readonly #meters = new Map<string, { energyUj: bigint; uncertaintyUj: number }>()
  readonly #sources = new Map<string, number>()
  readonly #bases = new Set<string>()
  readonly #statusUj = new Map<string, bigint>()
  #bookedUg = 0
  #pueUg = 0
  #weighedQuality = { location: 0, embodied: 0 }
  #weight = { location: 0, embodied: 0 }

  constructor(periodMs: number) {
    this.#periodMs = periodMs
  }

  addHour(hour: NodeHour, cost: bigint | null): void {
    this.#hours += 1
    this.#uj.measured += hour.measuredUj
    this.#uj.derived += hour.derivedUj
    this.#uj.estimated += hour.estimatedUj
    this.#coveredMs += hour.coveredMs
    this.#facilityUj += hour.facilityUj
    for (const mass of MASSES) this.#masses[mass] = sumOrNull(this.#masses[mass], hour[mass])
    this.#cost = sumOrNull(this.#cost, cost)
  }

  addMeter({ meter, energyUj, uncertaintyUj }: MeterHour): void {
    const sum = this.#meters.get(meter) ?? { energyUj: 0n, uncertaintyUj: 0 }
    this.#meters.set(meter, {
      energyUj: sum.energyUj + energyUj,
      uncertaintyUj: sum.uncertaintyUj + Number(uncertaintyUj),
    })
  }

  addBooking({ account, source, basis, status, energyUj, co2eUg, uncertaintyPpm, pueUg, dq }: BookedHour): void {
    const ug = Number(co2eUg)
    if (account === 'location') {
      this.#sources.set(source, (this.#sources.get(source) ?? 0) + (ug * Number(uncertaintyPpm)) / 1e6)
      this.#bases.add(basis)
      this.#statusUj.set(status, (this.#statusUj.get(status) ?? 0n) + energyUj)
      this.#bookedUg += ug
      this.#pueUg += pueUg
    }
    if (account !== 'location' && account !== 'embodied') return
    const weight = account === 'location' ? Number(energyUj) : ug
    this.#weighedQuality[account] += weight * Number(dq)
    this.#weight[account] += weight
  }

  get energyUj(): bigint {
    return this.#uj.measured + this.#uj.derived + this.#uj.estimated
  }

  get coveredMs(): number {
    return Number(this.#coveredMs)
  }

  /** Sites take more than their machines: the mean by energy; null without energy. */
  get pue(): number | null {
    return this.energyUj === 0n ? null : Number(this.#facilityUj) / Number(this.energyUj)
  }

  /** Of the location-based figure, in order. */
  get bases(): string[] {
    return [...this.#bases].sort()
  }

  /** Energy by the status of its location-based figure. */
  statusUj(status: string): bigint {
    return this.#statusUj.get(status) ?? 0n
  }

  /** Meters by their energy, the most first. */
  get meters(): string[] {
    return [...this.#meters]
      .sort(([a, one], [b, other]) => Number(other.energyUj - one.energyUj) || (a < b ? -1 : 1))
      .map(([meter]) => meter)
  }

  /** From 1, the best, to 5: by energy, and for the making of the machine by mass. */
  get dataQuality(): { energy: number | null; intensity: number | null; embodied: number | null } {
    const { measured, derived, estimated } = this.#uj
    const ratio = (a: number, b: number) => (b === 0 ? null : a / b)
    return {
      energy: ratio(2 * Number(measured) + 3 * Number(derived) + 4 * Number(estimated), Number(this.energyUj)),
      intensity: ratio(this.#weighedQuality.location, this.#weight.location),
      embodied: ratio(this.#weighedQuality.embodied, this.#weight.embodied),
    }
  }

  /**
   * GUM 5.1.2 and 5.2.2: what is common to all hours (a meter, a source, the PUE) adds up linearly over them, and these
   * in quadrature with each other.
   */
  get figures(): Figures {
    const { measured, derived, estimated } = this.#uj
    const energy = Number(this.energyUj)
    const ofMeters = squares([...this.#meters.values()].map(({ uncertaintyUj }) => uncertaintyUj))
    const ofFigures = squares([...this.#sources.values(), this.#pueUg])
    const isKnown = energy > 0
    const covered = this.#periodMs === 0 ? null : Math.min(100, (100 * this.coveredMs) / this.#periodMs)
    return {
      // Of a time without any record nothing is known.
      ...(this.#hours === 0 ? NOTHING_KNOWN : this.#masses),
      energyUj: this.energyUj,
      measuredUj: measured,
      derivedUj: derived,
      estimatedUj: estimated,
      idleUj: null,
      dynamicUj: null,
      uncertaintyPct: isKnown ? (200 * Math.sqrt(ofMeters)) / energy : null,
      co2eUncertaintyPct:
        isKnown && this.#bookedUg > 0
          ? 200 * Math.sqrt(ofMeters / energy ** 2 + ofFigures / this.#bookedUg ** 2)
          : null,
      coveragePct: covered,
      cost: this.#hours === 0 ? null : this.#cost,
    }
  }
}

const NOTHING_KNOWN = Object.fromEntries(MASSES.map((mass) => [mass, null])) as Record<Mass, null>

function squares(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value * value, 0)
}
