import type { AcceleratorSharing, Sharing } from '../model/attribution.ts'
import type { AcceleratorState } from '../native/accelerator-watch.ts'
import { leafOf } from './accelerator-book.ts'
import { type AcceleratorUse, reservedIdle } from './accelerator-use.ts'

/** How a card is shared, by what its driver says and how many consumers hold it. */
export function sharingOf({ isMig, processes }: AcceleratorState, holders: number): Sharing {
  if (isMig) return 'mig'
  if (holders === 0) return 'none'
  if (processes?.some(({ kind }) => kind === 'mps')) return 'mps'
  return holders === 1 ? 'alone' : 'time-sliced'
}

interface Card extends AcceleratorSharing {
  readonly atNs: bigint
}

/** What is shown of each card that was ever seen. */
export class SharingBook {
  readonly #cards = new Map<string, Card>()

  take(devices: readonly AcceleratorState[], uses: readonly AcceleratorUse[]): void {
    for (const use of uses) {
      const device = devices.find((one) => leafOf(one) === use.leaf)
      if (!device) continue
      const idleNs = reservedIdle(use).reduce((sum, { idleNs }) => sum + idleNs, 0n)
      const reservedIdleNs = (this.#cards.get(use.leaf)?.reservedIdleNs ?? 0n) + idleNs
      const holders = use.holders.length
      const sharing = sharingOf(device, holders)
      this.#cards.set(use.leaf, { leaf: use.leaf, sharing, holders, reservedIdleNs, atNs: use.endNs })
    }
  }

  /** A card that was last seen before `sinceNs` is shared nobody knows how. */
  cards(sinceNs: bigint): readonly AcceleratorSharing[] {
    return [...this.#cards.values()].map(({ atNs, leaf, reservedIdleNs, ...now }) => ({
      leaf,
      reservedIdleNs,
      ...(atNs < sinceNs ? { sharing: null, holders: 0 } : now),
    }))
  }
}
