import type { ConsumerRow } from '../model/attribution.ts'
import { type Consumer, consumerKey } from '../model/consumer.ts'

/** One consumer's part of some energy. */
export interface Part {
  readonly idleUj: bigint
  readonly dynamicUj: bigint
}

export const NOTHING: Part = { idleUj: 0n, dynamicUj: 0n }

function plus(a: Part, b: Part): Part {
  return { idleUj: a.idleUj + b.idleUj, dynamicUj: a.dynamicUj + b.dynamicUj }
}

/** What each consumer got in each UTC hour since the last batch. */
export class RowBook {
  readonly #hours = new Map<number, Map<Consumer, { idleUj: bigint; dynamicUj: bigint }>>()

  add(hourUnixMs: number, consumer: Consumer, { idleUj, dynamicUj }: Part): void {
    const hour = this.#hours.get(hourUnixMs) ?? this.#begin(hourUnixMs)
    const sum = hour.get(consumer)
    if (sum === undefined) hour.set(consumer, { idleUj, dynamicUj })
    else {
      sum.idleUj += idleUj
      sum.dynamicUj += dynamicUj
    }
  }

  #begin(hourUnixMs: number): Map<Consumer, { idleUj: bigint; dynamicUj: bigint }> {
    const hour = new Map()
    this.#hours.set(hourUnixMs, hour)
    return hour
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
    this.#hours.clear()
    return [...rows.values()]
  }
}
