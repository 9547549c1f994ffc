import type { Scope } from '../model/channel.ts'
import { NS_PER_S } from '../model/units.ts'
import type { Anchors } from './anchor/anchors.ts'
import type { Relation } from './anchor/relation.ts'
import type { Leaf, LeafPiece } from './leaf.ts'
import type { EnergySource } from './leaf-source.ts'

/**
 * k = 1, knowing only that each idles or works: from 0.2 of full power (SPECpower_ssj2008, processors of 64 threads) to
 * all of it, rectangular about the middle.
 */
const UNCERTAINTY = (1 - 0.2) / 2 / Math.sqrt(3) / 0.6

/** What is built alike in one machine: sockets, dies of a socket, their memory. Null for cards, whose loads differ. */
export function kindOf(scope: Scope, place: string): string | null {
  return scope === 'gpu' ? null : `${scope} ${place.replaceAll(/\d+/g, '')}`
}

type Kin = Pick<Leaf, 'kind' | 'name'>
type Span = Pick<LeafPiece, 'startNs' | 'endNs'>

interface Told {
  readonly energyUj: bigint
  readonly durationNs: bigint
  /** Of the meter that told. */
  readonly relativeUncertainty: number
}

/**
 * What meters tell of leaves of each kind in one stretch of time: a leaf without a meter draws as much as those beside it, or
 * as much more or less than they as it did while it had one.
 */
export class Siblings {
  readonly #anchors: Anchors
  readonly #byKind = new Map<string, Map<string, Told>>()

  constructor(anchors: Anchors) {
    this.#anchors = anchors
  }

  add({ kind, name }: Kin, { startNs, endNs }: Span, energyUj: bigint, relativeUncertainty = 0): void {
    if (kind === null) return
    const leaves = this.#byKind.get(kind) ?? new Map<string, Told>()
    this.#byKind.set(kind, leaves)
    const { energyUj: beforeUj = 0n, durationNs = 0n } = leaves.get(name) ?? {}
    leaves.set(name, { energyUj: beforeUj + energyUj, durationNs: durationNs + endNs - startNs, relativeUncertainty })
  }

  /** What each draws beside the others, where all of them told all of the time. */
  teach({ startNs, endNs }: Span): void {
    for (const leaves of this.#byKind.values()) {
      const all = sumOf(leaves.values())
      if (leaves.size < 2 || all.durationNs !== BigInt(leaves.size) * (endNs - startNs)) continue
      for (const [name, { energyUj, relativeUncertainty }] of leaves) {
        const modelUj = (all.energyUj - energyUj) / BigInt(leaves.size - 1)
        const relation = this.#anchors.relationOf(name, 'siblings')
        relation.learn({ startNs, endNs, meterUj: energyUj, modelUj, relativeUncertainty })
      }
    }
  }

  /** Stands in for a leaf that no meter tells of; null where none tells of its kind. */
  standIn({ kind, name }: Kin): EnergySource | null {
    const leaves = kind === null ? undefined : this.#byKind.get(kind)
    if (leaves === undefined) return null
    return new SiblingSource(sumOf(leaves.values()), this.#anchors.relationOf(name, 'siblings'))
  }
}

class SiblingSource implements EnergySource {
  readonly name = 'siblings'
  readonly quality = 'derived'
  readonly sharedFactor = 'siblings'
  readonly #told: Omit<Told, 'relativeUncertainty'>
  readonly #relation: Relation
  #relativeUncertainty = UNCERTAINTY

  constructor(told: Omit<Told, 'relativeUncertainty'>, relation: Relation) {
    this.#told = told
    this.#relation = relation
  }

  /** Of the energy that was taken last. */
  get relativeUncertainty(): number {
    return this.#relativeUncertainty
  }

  take(startNs: bigint, endNs: bigint): bigint {
    const likeThemUj = (this.#told.energyUj * (endNs - startNs)) / this.#told.durationNs
    const known = this.#relation.of(likeThemUj, { startNs, endNs })
    this.#relativeUncertainty = Math.min(known?.relativeUncertainty ?? UNCERTAINTY, UNCERTAINTY)
    return known?.energyUj ?? likeThemUj
  }
}

function sumOf(told: Iterable<Told>): Omit<Told, 'relativeUncertainty'> {
  let [energyUj, durationNs] = [0n, 0n]
  for (const one of told) {
    energyUj += one.energyUj
    durationNs += one.durationNs
  }
  return { energyUj, durationNs }
}

/** Power of leaves now, in µW, by the best that is known of each. A leaf of which nothing recent is known is left out. */
export function leafPowersUw(leaves: readonly Leaf[], anchors: Anchors, nowNs: bigint): ReadonlyMap<Leaf, bigint> {
  const second = { startNs: nowNs - NS_PER_S, endNs: nowNs }
  const powersUw = new Map<Leaf, bigint>()
  const siblings = new Siblings(anchors)
  for (const leaf of leaves) {
    const powerUw = leaf.powerUw(nowNs, leaf.meters)
    if (powerUw === null) continue
    powersUw.set(leaf, powerUw)
    siblings.add(leaf, second, powerUw)
  }
  for (const leaf of leaves) {
    const byMeters = powersUw.get(leaf) ?? siblings.standIn(leaf)?.take(second.startNs, second.endNs)
    const powerUw = byMeters ?? leaf.powerUw(nowNs)
    if (powerUw !== null) powersUw.set(leaf, powerUw)
  }
  return powersUw
}
