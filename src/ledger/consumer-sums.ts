import type { ConsumerRow } from '../model/attribution.ts'
import { consumerKey } from '../model/consumer.ts'
import { floorTo, HOUR_MS } from '../model/time.ts'
import { isSingular, otherOf } from './other-consumer.ts'

/** An outage of a day with 2,000 consumers. */
const MOST_ROWS = 50_000

/** Rows of consumers that wait for the disk, one for each hour, consumer and tenant. Past a bound, one for each kind. */
export class ConsumerSums {
  readonly #mostRows: number
  #rows = new Map<string, ConsumerRow>()

  constructor(mostRows = MOST_ROWS) {
    this.#mostRows = mostRows
  }

  get rows(): readonly ConsumerRow[] {
    return [...this.#rows.values()]
  }

  add(row: ConsumerRow): void {
    const key = keyOf(row)
    const hasPlace = this.#rows.has(key) || this.#rows.size < this.#mostRows || isSingular(row.consumer)
    const kept = hasPlace ? row : { ...row, consumer: otherOf(row.consumer) }
    this.#addTo(hasPlace ? key : keyOf(kept), kept)
  }

  clear(): void {
    this.#rows = new Map()
  }

  /** The later row names the consumer. */
  #addTo(key: string, row: ConsumerRow): void {
    const before = this.#rows.get(key)
    const idleUj = row.idleUj + (before?.idleUj ?? 0n)
    const dynamicUj = row.dynamicUj + (before?.dynamicUj ?? 0n)
    this.#rows.set(key, { ...row, idleUj, dynamicUj })
  }
}

function keyOf({ hourUnixMs, consumer, tenant }: ConsumerRow): string {
  return `${floorTo(HOUR_MS, hourUnixMs)} ${consumerKey(consumer)}\0${tenant}`
}
