import type { Scope } from '../model/channel.ts'
import { NS_PER_S } from '../model/units.ts'
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

type Kin = Pick<Leaf, 'kind'>
type Span = Pick<LeafPiece, 'startNs' | 'endNs'>

/** What meters tell of leaves of each kind in one stretch of time: a leaf without a meter draws as much as those beside it. */
export class Siblings {
  readonly #byKind = new Map<string, { readonly energyUj: bigint; readonly durationNs: bigint }>()

  add({ kind }: Kin, { startNs, endNs }: Span, energyUj: bigint): void {
    if (kind === null) return
    const { energyUj: beforeUj = 0n, durationNs = 0n } = this.#byKind.get(kind) ?? {}
    this.#byKind.set(kind, { energyUj: beforeUj + energyUj, durationNs: durationNs + endNs - startNs })
  }

  /** Stands in for a leaf that no meter tells of; null where none tells of its kind. */
  standIn({ kind }: Kin): EnergySource | null {
    const metered = kind === null ? undefined : this.#byKind.get(kind)
    if (metered === undefined) return null
    return {
      name: 'siblings',
      quality: 'derived',
      sharedFactor: 'siblings',
      relativeUncertainty: UNCERTAINTY,
      take: (fromNs, toNs) => (metered.energyUj * (toNs - fromNs)) / metered.durationNs,
    }
  }
}

/** Power of leaves now, in µW, by the best that is known of each. A leaf of which nothing recent is known is left out. */
export function leafPowersUw(leaves: readonly Leaf[], nowNs: bigint): ReadonlyMap<Leaf, bigint> {
  const powersUw = new Map<Leaf, bigint>()
  const siblings = new Siblings()
  for (const leaf of leaves) {
    const powerUw = leaf.powerUw(nowNs, leaf.meters)
    if (powerUw === null) continue
    powersUw.set(leaf, powerUw)
    siblings.add(leaf, { startNs: 0n, endNs: NS_PER_S }, powerUw)
  }
  for (const leaf of leaves) {
    const powerUw = powersUw.get(leaf) ?? siblings.standIn(leaf)?.take(0n, NS_PER_S) ?? leaf.powerUw(nowNs)
    if (powerUw !== null) powersUw.set(leaf, powerUw)
  }
  return powersUw
}
