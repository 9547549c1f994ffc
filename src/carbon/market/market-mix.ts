import { least, most } from '../../model/bigint.ts'
import type { Factor, IntensityBasis } from '../../model/carbon.ts'
import type { Contract } from './contract.ts'

const PPM = 1_000_000n

/** A part of an interval's energy, with the figure that it is claimed at. */
export interface Claim {
  readonly factor: Factor
  readonly energyUj: bigint
}

/**
 * Electricity by contract, in the order of the Scope 2 Guidance (2015, table 6.3): certificates, purchase agreements,
 * supplier's rates, residual mix. What none of them claims is the grid's. Every kWh is claimed once: a contract gets at
 * most what those before it left, and at most what it holds.
 */
export class MarketMix {
  readonly #contracts: readonly Contract[]
  readonly #residual: Factor | null
  readonly #claimedUj = new Map<string, bigint>()

  /** `contracts` in order of the hierarchy. */
  constructor(contracts: readonly Contract[], residual: Factor | null) {
    this.#contracts = contracts
    this.#residual = residual
  }

  /** Goes on from earlier claims, by the contracts' keys. */
  restore(claimedUj: Readonly<Record<string, bigint>>): void {
    for (const [key, uj] of Object.entries(claimedUj)) this.#claimedUj.set(key, uj)
  }

  /** The next moment at which a contract begins or ends. */
  untilUnixMs(unixMs: number): number {
    const edges = this.#contracts.flatMap(({ factor }) => [
      factor.startsUnixMs,
      factor.endsUnixMs ?? Number.POSITIVE_INFINITY,
    ])
    return Math.min(...edges.filter((edge) => edge > unixMs), Number.POSITIVE_INFINITY)
  }

  /** Claims energy of a moment. Energy that no contract covers is in no claim. */
  split(energyUj: bigint, puePpm: bigint, unixMs: number): Claim[] {
    const claims: Claim[] = []
    let leftUj = energyUj
    for (const { key, factor, sharePpm, siteUj } of this.#contracts) {
      if (unixMs < factor.startsUnixMs || unixMs >= (factor.endsUnixMs ?? Number.POSITIVE_INFINITY)) continue
      const claimedUj = this.#claimedUj.get(key) ?? 0n
      const heldUj = siteUj === null ? leftUj : ((siteUj - claimedUj) * PPM) / puePpm
      const partUj = least(least(leftUj, (energyUj * sharePpm) / PPM), most(heldUj, 0n))
      if (partUj === 0n) continue
      // Contracts are for the site's energy. Rounded up, so that no contract is claimed for more than it holds.
      this.#claimedUj.set(key, claimedUj + (partUj * puePpm + PPM - 1n) / PPM)
      claims.push({ factor, energyUj: partUj })
      leftUj -= partUj
    }
    if (this.#residual !== null && leftUj > 0n) claims.push({ factor: this.#residual, energyUj: leftUj })
    return claims
  }

  get claimedUj(): Readonly<Record<string, bigint>> {
    return Object.fromEntries(this.#claimedUj)
  }

  get bases(): readonly IntensityBasis[] {
    const factors = this.#contracts.map(({ factor }) => factor)
    return [...new Set([...factors, ...(this.#residual === null ? [] : [this.#residual])].map(({ basis }) => basis))]
  }
}
