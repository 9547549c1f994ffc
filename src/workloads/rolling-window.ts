import { NS_PER_MS } from '../model/units.ts'
import type { WorkloadTotal } from '../model/workload.ts'
import { sumOf } from './tally.ts'

/** A window is as sharp as this part of it, and takes no more memory however often it is fed. */
const SLICES = 60n

interface Slice {
  readonly startNs: bigint
  readonly endNs: bigint
  readonly total: WorkloadTotal
}

/** The sum of what happened in the last so many milliseconds. */
export class RollingWindow {
  readonly #lengthNs: bigint
  #slices: Slice[] = []

  constructor(lengthMs: number) {
    this.#lengthNs = BigInt(lengthMs) * NS_PER_MS
  }

  add(startNs: bigint, endNs: bigint, total: WorkloadTotal): void {
    const last = this.#slices.at(-1)
    if (last !== undefined && endNs - last.startNs <= this.#lengthNs / SLICES) {
      this.#slices[this.#slices.length - 1] = { startNs: last.startNs, endNs, total: sumOf(last.total, total) }
    } else this.#slices.push({ startNs, endNs, total })
  }

  /** Null where nothing is known of the window. What reaches into it counts as a whole. */
  sum(nowNs: bigint): WorkloadTotal | null {
    this.#slices = this.#slices.filter(({ endNs }) => endNs > nowNs - this.#lengthNs)
    const [first, ...others] = this.#slices
    return first === undefined ? null : others.reduce((sum, { total }) => sumOf(sum, total), first.total)
  }
}
