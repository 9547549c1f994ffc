import { FINEST_NS } from '../model/finest.ts'
import type { Posting } from '../model/posting.ts'
import { meanPowerUw } from '../model/units.ts'

type Stretch = Pick<Posting, 'startNs' | 'endNs' | 'energyUj'>

/** Mean power of the newest unbroken postings that span a second together. */
export class RecentPower {
  #stretches: Stretch[] = []
  #latest: { readonly powerUw: bigint; readonly atNs: bigint } | null = null

  add(posting: Stretch): void {
    if (this.#stretches.at(-1)?.endNs !== posting.startNs) this.#stretches = []
    this.#stretches.push(posting)
    const { endNs } = posting
    while (endNs - (this.#stretches[1]?.startNs ?? endNs) >= FINEST_NS) this.#stretches.shift()
    const startNs = this.#stretches[0]?.startNs ?? endNs
    if (endNs - startNs < FINEST_NS) return
    const energyUj = this.#stretches.reduce((sum, stretch) => sum + stretch.energyUj, 0n)
    this.#latest = { powerUw: meanPowerUw(energyUj, endNs - startNs), atNs: endNs }
  }

  /** With the end of its time; null before there is a second of postings. */
  get latest(): { readonly powerUw: bigint; readonly atNs: bigint } | null {
    return this.#latest
  }

  forget(): void {
    this.#stretches = []
    this.#latest = null
  }
}
