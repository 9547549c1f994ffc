import { FINEST_MS } from '../model/finest.ts'
import type { Snapshot } from '../model/snapshot.ts'

export interface ServedSnapshotOptions {
  /** The newest snapshot; null before the first. */
  readonly snapshot: () => Snapshot | null
  /** Reads anew what can be read at once, and makes a newer snapshot of it. */
  readonly renew: () => Promise<void>
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
}

/** What clients see: as young as readings can be had when somebody asks, and renewed at most once a second. */
export class ServedSnapshot {
  readonly #options: ServedSnapshotOptions
  #served: Snapshot | null = null
  #renewal: Promise<Snapshot | null> | null = null
  #atMs = Number.NEGATIVE_INFINITY

  constructor(options: ServedSnapshotOptions) {
    this.#options = options
  }

  async current(): Promise<Snapshot | null> {
    const { nowMs } = this.#options
    if (this.#served === null || nowMs() - this.#atMs >= FINEST_MS) {
      this.#renewal ??= this.#renew().finally(() => {
        this.#renewal = null
      })
      return this.#renewal
    }
    return this.#served
  }

  async #renew(): Promise<Snapshot | null> {
    const { snapshot, renew, nowMs } = this.#options
    // Nobody is served the former one any more: where it is held while its successor is made, it grows old with it.
    this.#served = null
    await renew()
    this.#served = snapshot()
    this.#atMs = nowMs()
    return this.#served
  }
}
