import { least, most } from '../../model/bigint.ts'
import type { Factor } from '../../model/carbon.ts'
import type { StageShare } from '../../model/life-stage.ts'
import type { Part } from '../../model/part.ts'
import { type Amortised, amortisedUg } from './amortisation.ts'

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

  /** As `due`, and books it. Each time may be given once. */
  accrue(startUnixMs: number, endUnixMs: number): bigint {
    const ug = this.due(startUnixMs, endUnixMs)
    this.#accruedUg += ug
    return ug
  }

  /** How long it takes until a mass falls due, to a millisecond. */
  lengthMs(ug: bigint): number {
    const { totalUg, lifetimeMs } = this.#amortised
    return totalUg > 0n ? Number((ug * BigInt(lifetimeMs) + totalUg / 2n) / totalUg) : 0
  }
}
