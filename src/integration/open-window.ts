import type { Quality } from '../model/posting.ts'
import type { Leaf, LeafPiece } from './leaf.ts'
import type { LeafSource } from './leaf-source.ts'
import type { EnergyShare, NodePosting } from './node-posting.ts'
import { OVERHEAD_UNCERTAINTY, overheadUj } from './remainder.ts'
import type { Supply } from './supply.ts'

interface Span {
  readonly startNs: bigint
  readonly endNs: bigint
}

/**
 * A stretch of time in which the machine is the sum of its leaves. It is open until each leaf is settled, and what a leaf
 * brings is counted at once, with what the rest and the supply draw more for it.
 */
export class OpenWindow {
  readonly startNs: bigint
  readonly endNs: bigint
  readonly meter: string
  readonly #supply: Supply
  readonly #missing: Set<string>
  #hostUj = 0n
  #dcUj = 0n
  #restUj = 0n
  #lossUj = 0n
  #uncertainty: ReadonlyMap<string, number> = new Map()
  readonly #behindSupply = new Map<string, number>()

  constructor({ startNs, endNs }: Span, meter: string, supply: Supply, missing: Iterable<string>) {
    this.startNs = startNs
    this.endNs = endNs
    this.meter = meter
    this.#supply = supply
    this.#missing = new Set(missing)
  }

  /** Names of the leaves that are not settled. */
  get missing(): ReadonlySet<string> {
    return this.#missing
  }

  /** Takes what is known of leaves, and returns what the machine's account grows by. */
  settle(
    settled: readonly {
      readonly leaf: Pick<Leaf, 'name' | 'part' | 'isHost'>
      readonly pieces: readonly LeafPiece[]
    }[],
  ): NodePosting {
    const shares: EnergyShare[] = []
    for (const { leaf, pieces } of settled) {
      this.#missing.delete(leaf.name)
      for (const { startNs, endNs, source } of pieces) {
        if (source !== null) shares.push(this.#take(leaf, source, source.take(startNs, endNs)))
      }
    }
    const { startNs, endNs } = this
    return {
      startNs,
      endNs,
      meter: this.meter,
      shares: [...shares, ...this.#complement()],
      uncertainty: this.#takeUncertainty(),
    }
  }

  #take(
    { part, isHost }: Pick<Leaf, 'part' | 'isHost'>,
    { quality, sharedFactor, relativeUncertainty }: LeafSource,
    energyUj: bigint,
  ): EnergyShare {
    this.#dcUj += energyUj
    if (isHost) this.#hostUj += energyUj
    const before = this.#behindSupply.get(sharedFactor) ?? 0
    this.#behindSupply.set(sharedFactor, before + Number(energyUj) * relativeUncertainty)
    return { part, quality, energyUj }
  }

  /** What the rest and the supply's loss grow by. Both follow the power of the whole window, and never fall with it. */
  #complement(): readonly EnergyShare[] {
    const restUj = overheadUj(this.#hostUj)
    const lossUj = this.#supply.lossUj(this.#dcUj + restUj, this.endNs - this.startNs)
    const grown = [restUj - this.#restUj, lossUj - this.#lossUj]
    this.#restUj = restUj
    this.#lossUj = lossUj
    return complementShares(grown[0] ?? 0n, 'estimated', grown[1] ?? 0n, this.#supply.quality)
  }

  #takeUncertainty(): ReadonlyMap<string, number> {
    const behind = new Map(this.#behindSupply).set('overhead', Number(this.#restUj) * OVERHEAD_UNCERTAINTY)
    const now = beforeSupply(behind, this.#dcUj + this.#restUj, this.#lossUj, this.#supply)
    const grown = new Map([...now].map(([factor, uj]) => [factor, uj - (this.#uncertainty.get(factor) ?? 0)]))
    this.#uncertainty = now
    return grown
  }
}

export function complementShares(
  restUj: bigint,
  quality: Quality,
  lossUj: bigint,
  lossQuality: Quality,
): EnergyShare[] {
  const shares: EnergyShare[] = [
    { part: 'rest', quality, energyUj: restUj },
    { part: 'supply_loss', quality: lossQuality, energyUj: lossUj },
  ]
  return shares.filter(({ energyUj }) => energyUj > 0n)
}

/** Standard uncertainties at the machine's input: what is uncertain behind the supply is so before it, in proportion. */
export function beforeSupply(
  behind: ReadonlyMap<string, number>,
  dcUj: bigint,
  lossUj: bigint,
  { relativeUncertainty }: Supply,
): ReadonlyMap<string, number> {
  const scale = dcUj > 0n ? Number(dcUj + lossUj) / Number(dcUj) : 1
  const scaled = [...behind].map(([factor, uj]) => [factor, uj * scale] as const)
  return new Map([...scaled, ['supply', Number(lossUj) * relativeUncertainty]])
}
