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

type Lists = { readonly [Key in 'cpuNs' | 'cores' | 'memoryBytes']: number[] } & { readonly consumers: Consumer[] }

/** Consumers that claim nothing are left out, so that a thousand sleeping ones cost nothing. */
export function claimsOf({ startNs, endNs, uses }: CpuUse, rules: ReservationRules): Claims {
  const lists: Lists = { consumers: [], cpuNs: [], cores: [], memoryBytes: [] }
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
    push(lists, use.consumer, Number(use.cpuNs), cores, Math.max(memoryBytes, usedBytes))
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
  if (!isSystemKnown) addMemory(lists, SYSTEM, Math.max(0, (capacity.usedBytes ?? 0) - knownBytes))
  return { startNs, endNs, ...lists, capacity }
}

function push(lists: Lists, consumer: Consumer, cpuNs: number, cores: number, memoryBytes: number): void {
  if (cpuNs <= 0 && cores <= 0 && memoryBytes <= 0) return
  lists.consumers.push(consumer)
  lists.cpuNs.push(cpuNs)
  lists.cores.push(cores)
  lists.memoryBytes.push(memoryBytes)
}

function addMemory(lists: Lists, consumer: Consumer, bytes: number): void {
  const place = lists.consumers.indexOf(consumer)
  if (place < 0) push(lists, consumer, 0, 0, bytes)
  else lists.memoryBytes[place] = (lists.memoryBytes[place] ?? 0) + bytes
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

/** Adds up claims of several times. Neighbours have mostly the same consumers at the same places. */
export class ClaimSum {
  readonly lists: Lists = { consumers: [], cpuNs: [], cores: [], memoryBytes: [] }
  /** Built when one is at another place. */
  #places: Map<Consumer, number> | null = null

  /** @param ofClaims share of what was used in its time, and `ofTime` of the whole time */
  add({ consumers, cpuNs, cores, memoryBytes }: Claims, ofClaims: number, ofTime: number): void {
    const isFirst = this.lists.consumers.length === 0
    consumers.forEach((consumer, index) => {
      const usedNs = (cpuNs[index] ?? 0) * ofClaims
      const hadCores = (cores[index] ?? 0) * ofTime
      const hadBytes = (memoryBytes[index] ?? 0) * ofTime
      if (isFirst) push(this.lists, consumer, usedNs, hadCores, hadBytes)
      else if (usedNs > 0 || hadCores > 0 || hadBytes > 0) {
        this.#addAt(this.#placeOf(consumer, index), usedNs, hadCores, hadBytes)
      }
    })
  }

  #addAt(place: number, cpuNs: number, cores: number, memoryBytes: number): void {
    const { lists } = this
    lists.cpuNs[place] = (lists.cpuNs[place] ?? 0) + cpuNs
    lists.cores[place] = (lists.cores[place] ?? 0) + cores
    lists.memoryBytes[place] = (lists.memoryBytes[place] ?? 0) + memoryBytes
  }

  #placeOf(consumer: Consumer, likely: number): number {
    const { consumers } = this.lists
    if (consumers[likely] === consumer) return likely
    this.#places ??= new Map(consumers.map((one, place) => [one, place]))
    const known = this.#places.get(consumer)
    if (known !== undefined) return known
    this.#places.set(consumer, consumers.length)
    return consumers.push(consumer) - 1
  }
}
