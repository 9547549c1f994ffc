import type { CarbonAccount, Emissions, Intensity } from '../../model/carbon.ts'
import { type Amortised, amortisedUg } from './amortisation.ts'

export interface EmbodiedAccountOptions {
  /** Prices the energy. */
  readonly energy: CarbonAccount
  readonly amortised: Amortised
  /** What the ledger has of it already, asked at the first posting. */
  readonly accruedUg: () => bigint
}

/** A row that begins this much before the last one ended comes after the wall clock was set back. */
const OVERLAP_MS = 60_000

/**
 * Adds embodied carbon to what the energy emits: by time that the account covers, whatever the energy. Rows of two
 * meters in one minute overlap, and their time counts once.
 */
export class EmbodiedAccount implements CarbonAccount {
  readonly #options: EmbodiedAccountOptions
  #coveredUnixMs = Number.NEGATIVE_INFINITY
  #accruedUg: bigint | null = null

  constructor(options: EmbodiedAccountOptions) {
    this.#options = options
  }

  emissionsOf(energyUj: bigint, startUnixMs: number, endUnixMs: number): Emissions {
    const emissions = this.#options.energy.emissionsOf(energyUj, startUnixMs, endUnixMs)
    return { ...emissions, embodiedUg: this.#accrue(startUnixMs, endUnixMs) }
  }

  intensities(): readonly Intensity[] {
    return this.#options.energy.intensities()
  }

  takeUsed(): readonly Intensity[] {
    return this.#options.energy.takeUsed()
  }

  get puePpm(): bigint {
    return this.#options.energy.puePpm
  }

  #accrue(startUnixMs: number, endUnixMs: number): bigint {
    if (endUnixMs <= startUnixMs) return 0n
    const { amortised, accruedUg } = this.#options
    const wasSetBack = this.#coveredUnixMs - startUnixMs > OVERLAP_MS
    const fromUnixMs = wasSetBack ? startUnixMs : Math.max(startUnixMs, this.#coveredUnixMs)
    this.#coveredUnixMs = wasSetBack ? endUnixMs : Math.max(endUnixMs, this.#coveredUnixMs)
    const dueUg = amortisedUg(amortised, fromUnixMs, endUnixMs)
    this.#accruedUg ??= accruedUg()
    // Without a date the lifetime ends when everything is booked.
    const leftUg = amortised.startsUnixMs === null ? amortised.totalUg - this.#accruedUg : dueUg
    const ug = dueUg < leftUg ? dueUg : leftUg > 0n ? leftUg : 0n
    this.#accruedUg += ug
    return ug
  }
}
