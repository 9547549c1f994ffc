import { least, most } from '../model/bigint.ts'
import { FINEST_NS } from '../model/finest.ts'
import type { BookedPosting } from '../model/node-taker.ts'
import { meanPowerUw } from '../model/units.ts'
import type { Span } from './amounts.ts'

export interface Block extends Span {
  readonly powerUw: bigint
}

/** The node's mean power by the second, for the peaks of windows. What comes late makes no peak. */
export class Blocks {
  #open: { readonly startNs: bigint; endNs: bigint; energyUj: bigint } | null = null
  #untilNs = 0n

  /** Returns the block that the posting completes. */
  add({ startNs, endNs, shares }: BookedPosting): Block | null {
    if (shares.length === 0 || startNs < this.#untilNs) return null
    if (this.#open !== null && startNs > this.#open.endNs) this.#open = null
    this.#open ??= { startNs, endNs, energyUj: 0n }
    this.#open.endNs = most(this.#open.endNs, endNs)
    for (const { energyUj } of shares) this.#open.energyUj += energyUj
    const durationNs = this.#open.endNs - this.#open.startNs
    if (durationNs < FINEST_NS) return null
    const block = { ...this.#open, powerUw: meanPowerUw(this.#open.energyUj, durationNs) }
    this.#open = null
    this.#untilNs = block.endNs
    return block
  }
}

/** More than half of a block is inside. */
export function isMostlyInside({ startNs, endNs }: Span, fromNs: bigint, toNs: bigint): boolean {
  return 2n * (least(endNs, toNs) - most(startNs, fromNs)) > endNs - startNs
}
