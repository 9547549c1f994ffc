import { least, most } from '../model/bigint.ts'
import type { Consumer } from '../model/consumer.ts'
import { NS_PER_S } from '../model/units.ts'
import type { AcceleratorUse } from './accelerator-use.ts'

/** As long as those of the processors' use: see `UseTimeline`. */
const KEPT_NS = 1_200n * NS_PER_S
/** Of each card; beyond, the oldest go. */
const MOST_FRAMES = 600
/** Cards that come and go by hot-plug or as partitions. */
const MOST_CARDS = 256
/** Who held a card a moment ago holds it still. */
const GRACE_NS = 5n * NS_PER_S

/** Who claims a card in some time. The lists have one entry for each holder, in ns of the whole card. */
export interface CardClaims {
  readonly consumers: readonly Consumer[]
  readonly use: readonly number[]
  readonly reserved: readonly number[]
  /** What nobody has reserved: instances that are free. */
  readonly freeNs: number
  readonly utilisation: number | null
  readonly coveredNs: bigint
}

/** Who held and used each accelerator. */
export class AcceleratorTimeline {
  readonly #cards = new Map<string, AcceleratorUse[]>()

  add(use: AcceleratorUse): void {
    const frames = this.#cards.get(use.leaf) ?? []
    if (!this.#cards.has(use.leaf) && this.#cards.size >= MOST_CARDS) return
    this.#cards.set(use.leaf, frames)
    frames.push(use)
    const isOld = ({ endNs }: AcceleratorUse) => endNs < use.endNs - KEPT_NS
    while (frames.length > MOST_FRAMES || (frames[0] && isOld(frames[0]))) frames.shift()
  }

  /** The cards of a leaf: itself, or those inside a superchip's module, which the account has as its processor. */
  of(leaf: string): readonly string[] {
    const [part = '', ...place] = leaf.split('/')
    if (part === 'accelerators') return [leaf]
    if (part !== 'processors') return []
    const inside = `accelerators/${place.join('/')}/`
    return [...this.#cards.keys()].filter((card) => card.startsWith(inside))
  }

  /** Whether the use of a card in a time up to `endNs` is still to come. */
  isLate(leaf: string, endNs: bigint): boolean {
    const newestNs = this.#cards.get(leaf)?.at(-1)?.endNs
    return newestNs !== undefined && newestNs < endNs && newestNs >= endNs - GRACE_NS
  }

  /** Null where nothing is known of that time. */
  between(leaf: string, startNs: bigint, endNs: bigint): CardClaims | null {
    const frames = this.#cards.get(leaf) ?? []
    const holders = new Map<Consumer, { use: number; reserved: number }>()
    let coveredNs = 0n
    let [busyNs, toldNs] = [0, 0]
    for (let index = frames.length - 1; index >= 0; index--) {
      const frame = frames[index]
      const graceNs = index === frames.length - 1 ? GRACE_NS : 0n
      if (frame === undefined || frame.endNs + graceNs <= startNs) break
      const ns = least(frame.endNs + graceNs, endNs) - most(frame.startNs, startNs)
      if (ns <= 0n || frame.endNs <= frame.startNs) continue
      coveredNs += ns
      const share = Number(ns) / Number(frame.endNs - frame.startNs)
      for (const { consumer, use, reserved } of frame.holders) {
        const sum = holders.get(consumer) ?? { use: 0, reserved: 0 }
        holders.set(consumer, {
          use: sum.use + Number(use) * share,
          reserved: sum.reserved + Number(reserved) * share,
        })
      }
      if (frame.utilisation === null) continue
      toldNs += Number(ns)
      busyNs += frame.utilisation * Number(ns)
    }
    if (coveredNs === 0n) return null
    // What is told twice is known once.
    const knownNs = least(coveredNs, endNs - startNs)
    const claims = [...holders.values()]
    return {
      consumers: [...holders.keys()],
      use: claims.map(({ use }) => use),
      reserved: claims.map(({ reserved }) => reserved),
      freeNs: Math.max(0, Number(coveredNs) - claims.reduce((sum, { reserved }) => sum + reserved, 0)),
      utilisation: toldNs > 0 ? busyNs / toldNs : null,
      coveredNs: knownNs,
    }
  }
}
