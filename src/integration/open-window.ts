import type { LeafEnergy } from '../model/attribution.ts'
import { most } from '../model/bigint.ts'
import type { Quality } from '../model/posting.ts'
import type { Anchors } from './anchor/anchors.ts'
import type { CoupledEnergy, Coupling } from './coupling.ts'
import type { Leaf, LeafPiece } from './leaf.ts'
import type { EnergySource } from './leaf-source.ts'
import { energyOf, type NodePosting } from './node-posting.ts'
import { OVERHEAD_UNCERTAINTY, overheadUj } from './remainder.ts'
import { Siblings } from './siblings.ts'
import type { Supply } from './supply.ts'
import { SUPPLY_FACTOR } from './uncertainty.ts'

interface Span {
  readonly startNs: bigint
  readonly endNs: bigint
}

/** What a leaf turned out to be in a window. */
export interface SettledLeaf {
  readonly leaf: Pick<Leaf, 'name' | 'part' | 'kind' | 'isHost'>
  readonly pieces: readonly LeafPiece[]
}

/** What a source gave, as certain as it was of that. */
interface Taken {
  readonly energyUj: bigint
  readonly relativeUncertainty: number
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
  readonly #isOfEarlierRun: boolean
  readonly #coupling: Coupling | null
  #hostUj = 0n
  #dcUj = 0n
  #restUj = 0n
  #lossUj = 0n
  #uncertainty: ReadonlyMap<string, number> = new Map()
  readonly #behindSupply = new Map<string, number>()
  readonly #siblings: Siblings

  /**
   * @param anchors what leaves were known to draw beside each other
   * @param isOfEarlierRun true where an earlier run has counted what the other leaves brought
   * @param coupling what may know the rest, where all leaves are settled at once
   */
  constructor(
    { startNs, endNs }: Span,
    meter: string,
    supply: Supply,
    missing: Iterable<string>,
    anchors: Anchors,
    { isOfEarlierRun = false, coupling = null }: { isOfEarlierRun?: boolean; coupling?: Coupling | null } = {},
  ) {
    this.startNs = startNs
    this.endNs = endNs
    this.meter = meter
    this.#supply = supply
    this.#missing = new Set(missing)
    this.#siblings = new Siblings(anchors)
    this.#isOfEarlierRun = isOfEarlierRun
    this.#coupling = coupling
  }

  /** Names of the leaves that are not settled. */
  get missing(): ReadonlySet<string> {
    return this.#missing
  }

  /** Takes what is known of leaves. Returns what the machine's account grows by, and what each leaf was counted by. */
  settle(settled: readonly SettledLeaf[]): { readonly posting: NodePosting; readonly counted: readonly SettledLeaf[] } {
    const shares: LeafEnergy[] = []
    const isAtOnce = this.#missing.size === 0
    const modelled = new Map<LeafPiece, Taken>()
    for (const { leaf, pieces } of settled) {
      this.#missing.delete(leaf.name)
      // What a meter tells teaches the model, which is taken up to there by that: so the times of both are taken in order.
      for (const piece of pieces) {
        if (piece.source === null) continue
        const taken = takenFrom(piece.source, piece)
        if (isMetered(piece)) {
          shares.push(this.#count(leaf, piece.source, taken))
          this.#siblings.add(leaf, piece, taken.energyUj, taken.relativeUncertainty)
        } else modelled.set(piece, taken)
      }
    }
    if (isAtOnce) this.#siblings.teach(this)
    const counted = settled.map(({ leaf, pieces }) => ({
      leaf,
      pieces: pieces.map((piece) => {
        if (isMetered(piece)) return piece
        const standIn = this.#siblings.standIn(leaf)
        const source = standIn ?? piece.source
        const taken = standIn === null ? modelled.get(piece) : takenFrom(standIn, piece)
        if (source !== null && taken !== undefined) shares.push(this.#count(leaf, source, taken))
        return { ...piece, source }
      }),
    }))
    const { startNs, endNs, meter } = this
    const coupled = this.#coupling?.restOf(shares, this) ?? null
    if (coupled !== null) return { posting: this.#coupled(coupled), counted }
    shares.push(...this.#complement())
    return { posting: { startNs, endNs, meter, shares, uncertainty: this.#takeUncertainty() }, counted }
  }

  #count(leaf: SettledLeaf['leaf'], source: EnergySource, { energyUj, relativeUncertainty }: Taken): LeafEnergy {
    this.#dcUj += energyUj
    if (leaf.isHost) this.#hostUj += energyUj
    const before = this.#behindSupply.get(source.sharedFactor) ?? 0
    this.#behindSupply.set(source.sharedFactor, before + Number(energyUj) * relativeUncertainty)
    return { leaf: leaf.name, part: leaf.part, quality: source.quality, energyUj }
  }

  /** The rest as the meter of the whole machine would have left it. */
  #coupled({ shares, restUj, isBehindSupply, uncertainty }: CoupledEnergy): NodePosting {
    const { startNs, endNs, meter } = this
    const insideUj = energyOf(shares) + restUj
    const lossUj = isBehindSupply ? this.#supply.lossUj(insideUj, endNs - startNs) : 0n
    return {
      startNs,
      endNs,
      meter,
      shares: [...shares, ...complementShares(restUj, 'derived', lossUj, this.#supply.quality)],
      uncertainty: isBehindSupply ? beforeSupply(uncertainty, insideUj, lossUj, this.#supply) : uncertainty,
    }
  }

  /** What the rest and the supply's loss grow by. Both follow the power of the whole window, and never fall with it. */
  #complement(): readonly LeafEnergy[] {
    const restUj = overheadUj(this.#hostUj)
    const lossUj = most(this.#lossUj, this.#lossOf(this.#dcUj + restUj))
    const grown = [restUj - this.#restUj, lossUj - this.#lossUj]
    this.#restUj = restUj
    this.#lossUj = lossUj
    return complementShares(grown[0] ?? 0n, 'estimated', grown[1] ?? 0n, this.#supply.quality)
  }

  /** A supply loses something without a load too, and an earlier run has counted that: here it is taken to bear as much again. */
  #lossOf(dcUj: bigint): bigint {
    const durationNs = this.endNs - this.startNs
    if (!this.#isOfEarlierRun) return this.#supply.lossUj(dcUj, durationNs)
    return this.#supply.lossUj(2n * dcUj, durationNs) - this.#supply.lossUj(dcUj, durationNs)
  }

  #takeUncertainty(): ReadonlyMap<string, number> {
    const behind = new Map(this.#behindSupply).set('overhead', Number(this.#restUj) * OVERHEAD_UNCERTAINTY)
    const now = beforeSupply(behind, this.#dcUj + this.#restUj, this.#lossUj, this.#supply)
    const grown = new Map([...now].map(([factor, uj]) => [factor, uj - (this.#uncertainty.get(factor) ?? 0)]))
    this.#uncertainty = now
    return grown
  }
}

function takenFrom(source: EnergySource, { startNs, endNs }: LeafPiece): Taken {
  const energyUj = source.take(startNs, endNs)
  return { energyUj, relativeUncertainty: source.relativeUncertainty }
}

function isMetered(piece: LeafPiece): piece is LeafPiece & { readonly source: EnergySource } {
  return piece.source !== null && piece.source.quality !== 'estimated'
}

export function complementShares(restUj: bigint, quality: Quality, lossUj: bigint, lossQuality: Quality): LeafEnergy[] {
  const shares: LeafEnergy[] = [
    { leaf: 'rest', part: 'rest', quality, energyUj: restUj },
    { leaf: 'supply_loss', part: 'supply_loss', quality: lossQuality, energyUj: lossUj },
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
  return new Map([...scaled, [SUPPLY_FACTOR, Number(lossUj) * relativeUncertainty]])
}
