import { type Consumer, consumerKey, SYSTEM } from '../model/consumer.ts'
import type { Capacity } from './capacity.ts'
import { NOTHING, type ReservationRules, type Reserved, reservedBy } from './reservation.ts'
import type { ConsumerUse, CpuUse } from './usage.ts'

/** What consumers used and reserved in `[startNs, endNs)`. The four lists have one entry for each consumer. */
export interface Claims {
  readonly startNs: bigint
  readonly endNs: bigint
  readonly consumers: readonly Consumer[]
  readonly cpuNs: readonly number[]
  /** Hardware threads, as a mean over the time. */
  readonly cores: readonly number[]
  readonly memoryBytes: readonly number[]
  /** Of the machine. */
  readonly capacity: Pick<Capacity, 'cpus' | 'memoryBytes'>
}

/** Consumers that claim nothing are left out, so that a thousand sleeping ones cost nothing. */
export function claimsOf({ startNs, endNs, uses }: CpuUse, rules: ReservationRules): Claims {
  const claims = new ClaimSum()
  const held = new Map<string, Reserved>()
  let knownBytes = 0
  let isSystemKnown = false
  // Those inside another come after it, and what they reserve of its is theirs.
  for (let index = uses.length - 1; index >= 0; index--) {
    const use = uses[index] as ConsumerUse
    const inner = held.get(consumerKey(use.consumer)) ?? NOTHING
    const all = mostOf(reservedBy(use, rules), inner)
    const { cores, memoryBytes } = less(all, inner)
    const usedBytes = Number(use.memoryBytes ?? 0n)
    claims.add(use.consumer, Number(use.cpuNs), cores, Math.max(memoryBytes, usedBytes))
    // Most have reserved nothing.
    if (use.holder && all !== NOTHING) {
      const holder = consumerKey(use.holder)
      held.set(holder, plus(held.get(holder) ?? NOTHING, all))
    }
    if (use.memoryBytes === null) continue
    knownBytes += usedBytes
    isSystemKnown ||= use.consumer.kind === 'system'
  }
  // The root of v2 does not tell its memory.
  const { capacity } = rules
  if (!isSystemKnown) claims.add(SYSTEM, 0, 0, Math.max(0, (capacity.usedBytes ?? 0) - knownBytes))
  return { startNs, endNs, ...claims.lists, capacity }
}

function plus(a: Reserved, b: Reserved): Reserved {
  return { cores: a.cores + b.cores, memoryBytes: a.memoryBytes + b.memoryBytes }
}

function less(a: Reserved, b: Reserved): Reserved {
  if (b === NOTHING) return a
  return { cores: a.cores - b.cores, memoryBytes: a.memoryBytes - b.memoryBytes }
}

function mostOf(a: Reserved, b: Reserved): Reserved {
  if (b === NOTHING) return a
  return { cores: Math.max(a.cores, b.cores), memoryBytes: Math.max(a.memoryBytes, b.memoryBytes) }
}

/** Adds up claims of the same consumers. */
export class ClaimSum {
  readonly #places = new Map<Consumer, number>()
  readonly #consumers: Consumer[] = []
  readonly #cpuNs: number[] = []
  readonly #cores: number[] = []
  readonly #memoryBytes: number[] = []

  add(consumer: Consumer, cpuNs: number, cores: number, memoryBytes: number): void {
    if (cpuNs <= 0 && cores <= 0 && memoryBytes <= 0) return
    const place = this.#places.get(consumer)
    if (place === undefined) {
      this.#places.set(consumer, this.#consumers.length)
      this.#consumers.push(consumer)
      this.#cpuNs.push(cpuNs)
      this.#cores.push(cores)
      this.#memoryBytes.push(memoryBytes)
      return
    }
    this.#cpuNs[place] = (this.#cpuNs[place] ?? 0) + cpuNs
    this.#cores[place] = (this.#cores[place] ?? 0) + cores
    this.#memoryBytes[place] = (this.#memoryBytes[place] ?? 0) + memoryBytes
  }

  get lists(): Pick<Claims, 'consumers' | 'cpuNs' | 'cores' | 'memoryBytes'> {
    return {
      consumers: this.#consumers,
      cpuNs: this.#cpuNs,
      cores: this.#cores,
      memoryBytes: this.#memoryBytes,
    }
  }
}
