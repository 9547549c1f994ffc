import type { ConsumerRow } from '../model/attribution.ts'
import { type Consumer, consumerKey } from '../model/consumer.ts'

/** One consumer's part of some energy. */
export interface Part {
  readonly idleUj: bigint
  readonly dynamicUj: bigint
}

/** The same while it grows: in place, since a second brings a part to each of a thousand. */
export type Sums = { -readonly [Key in keyof Part]: bigint }

export const NOTHING: Part = { idleUj: 0n, dynamicUj: 0n }

export function sumsOf(consumer: Consumer, all: Map<Consumer, Sums>): Sums {
  const known = all.get(consumer)
  if (known !== undefined) return known
  const sums = { idleUj: 0n, dynamicUj: 0n }
  all.set(consumer, sums)
  return sums
}

function plus(a: Part, b: Part): Part {
  return { idleUj: a.idleUj + b.idleUj, dynamicUj: a.dynamicUj + b.dynamicUj }
}

/** What each consumer got in each UTC hour since the last batch. */
export class RowBook {
  #hours = new Map<number, Map<Consumer, Sums>>()

  add(hourUnixMs: number, consumer: Consumer, { idleUj, dynamicUj }: Part): void {
    const sums = sumsOf(consumer, this.#hour(hourUnixMs))
    sums.idleUj += idleUj
    sums.dynamicUj += dynamicUj
  }

  /** Hands over all rows, one for each hour, consumer and tenant, under the consumer's latest name. */
  take(tenantOf: (consumer: Consumer) => string): ConsumerRow[] {
    const rows = new Map<string, ConsumerRow>()
    for (const [hourUnixMs, hour] of this.#hours) {
      for (const [consumer, part] of hour) {
        const tenant = tenantOf(consumer)
        // A name may hold spaces and more, and a tenant no line break.
        const key = `${hourUnixMs} ${tenant}\n${consumerKey(consumer)}`
        rows.set(key, { hourUnixMs, consumer, tenant, ...plus(rows.get(key) ?? NOTHING, part) })
      }
    }
    this.#hours = new Map()
    return [...rows.values()]
  }

  #hour(unixMs: number): Map<Consumer, Sums> {
    const known = this.#hours.get(unixMs)
    if (known !== undefined) return known
    const hour = new Map<Consumer, Sums>()
    this.#hours.set(unixMs, hour)
    return hour
  }
}
