import type { Clock } from '../model/clock.ts'
import { NS_PER_MS } from '../model/units.ts'

/** A difference of this much between two clocks is a jump or a suspend, not a drift. */
export const JUMP_MS = 1_000

/** Labels monotonic times with wall time, and notices jumps and suspends between two calls of `tick()`. */
export class WallClock {
  readonly #clock: Clock
  #atNs: bigint
  #unixMs: number
  #suspendedNs: bigint

  constructor(clock: Clock) {
    this.#clock = clock
    this.#atNs = clock.monotonicNs()
    this.#unixMs = clock.unixMs()
    this.#suspendedNs = clock.boottimeNs() - this.#atNs
  }

  /** Takes the clocks' present relation; returns what happened to it since the last tick. */
  tick(): { readonly jumpedMs: number; readonly suspendedNs: bigint } {
    const atNs = this.#clock.monotonicNs()
    const unixMs = this.#clock.unixMs()
    const suspendedNs = this.#clock.boottimeNs() - atNs
    const newlySuspendedNs = suspendedNs - this.#suspendedNs
    const isSuspend = newlySuspendedNs >= BigInt(JUMP_MS) * NS_PER_MS
    const expectedMs = this.unixMsOf(atNs) + (isSuspend ? Number(newlySuspendedNs / NS_PER_MS) : 0)
    const jumpedMs = unixMs - expectedMs
    this.#atNs = atNs
    this.#unixMs = unixMs
    if (isSuspend) this.#suspendedNs = suspendedNs
    return { jumpedMs: Math.abs(jumpedMs) >= JUMP_MS ? jumpedMs : 0, suspendedNs: isSuspend ? newlySuspendedNs : 0n }
  }

  unixMsOf(ns: bigint): number {
    return this.#unixMs + Number((ns - this.#atNs) / NS_PER_MS)
  }
}
