import { least, most } from '../../model/bigint.ts'
import type { Factor } from '../../model/carbon.ts'
import type { StageShare } from '../../model/life-stage.ts'
import type { Part } from '../../model/part.ts'
import { NS_PER_MS } from '../../model/units.ts'
import { type Amortised, amortisedUg } from './amortisation.ts'

const nsOf = (ms: number): bigint => BigInt(Math.round(ms)) * NS_PER_MS

/** Embodied carbon by covered time, whatever the energy. */
export class EmbodiedAccrual {
  /** Describes the emissions that are spread. */
  readonly factor: Factor
  /** What each part of the machine has of them; empty where nobody knows. */
  readonly shares: ReadonlyMap<Part, number>
  /** The stages of the machine's life in parts of the making, which alone is spread. */
  readonly stages: readonly StageShare[]
  readonly #amortised: Amortised
  #accruedUg = 0n
  /** Mass that is less than 1 µg, times the lifetime in ns. */
  #owed = 0n

  constructor(
    factor: Factor,
    amortised: Amortised,
    shares: ReadonlyMap<Part, number> = new Map(),
    stages: readonly StageShare[] = [],
  ) {
    this.factor = factor
    this.shares = shares
    this.stages = stages
    this.#amortised = amortised
  }

  /** Goes on from the mass that is booked already. */
  restore(accruedUg: bigint): void {
    this.#accruedUg = accruedUg
  }

  /** The mass that falls due in a time, in µg. Books nothing. */
  due(startUnixMs: number, endUnixMs: number): bigint {
    const dueUg = amortisedUg(this.#amortised, startUnixMs, endUnixMs)
    // Without a date the lifetime ends when everything is booked.
    const leftUg = this.#amortised.startsUnixMs === null ? this.#amortised.totalUg - this.#accruedUg : dueUg
    return least(dueUg, most(leftUg, 0n))
  }

  /** Books the mass that falls due in a time, and returns it. What is less than 1 µg of it falls due with the next. */
  accrue(startUnixMs: number, durationNs: bigint): bigint {
    const { totalUg, lifetimeMs, startsUnixMs } = this.#amortised
    const lifetimeNs = BigInt(lifetimeMs) * NS_PER_MS
    this.#owed += totalUg * this.#livedNs(startUnixMs, durationNs)
    const dueUg = this.#owed / lifetimeNs
    this.#owed %= lifetimeNs
    const ug = startsUnixMs === null ? least(dueUg, most(totalUg - this.#accruedUg, 0n)) : dueUg
    this.#accruedUg += ug
    return ug
  }

  /** What of a time lies within the machine's life, where that has a date. */
  #livedNs(startUnixMs: number, durationNs: bigint): bigint {
    const { lifetimeMs, startsUnixMs } = this.#amortised
    if (startsUnixMs === null) return durationNs
    const before = most(nsOf(startsUnixMs - startUnixMs), 0n)
    const until = least(nsOf(startsUnixMs + lifetimeMs - startUnixMs), durationNs)
    return most(until - before, 0n)
  }
}
