import type Database from 'better-sqlite3'
import { type Consumer, consumerKey } from '../../model/consumer.ts'

/** Of millions that came and went, those of the last hours are asked for. */
const MOST_KNOWN = 2_000

interface Known {
  readonly id: number
  readonly consumer: Consumer
  readonly hourUnixMs: number
}

/** Numbers the consumers, and notes the newest hour of each with the name and the labels that it has by then. */
export class ConsumerIds {
  readonly #put: Database.Statement<unknown[], number>
  #known = new Map<string, Known>()

  constructor(db: Database.Database) {
    this.#put = db
      .prepare<unknown[], number>(
        `INSERT INTO consumer (kind, id, name, labels, last_hour_unix_ms) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (kind, id) DO UPDATE SET name = excluded.name, labels = excluded.labels,
           last_hour_unix_ms = max(last_hour_unix_ms, excluded.last_hour_unix_ms)
         RETURNING consumer_id`,
      )
      .pluck()
  }

  of(consumer: Consumer, hourUnixMs: number): number {
    const key = consumerKey(consumer)
    const known = this.#known.get(key)
    if (known !== undefined && known.hourUnixMs >= hourUnixMs && isAlike(known.consumer, consumer)) return known.id
    const id = Number(
      this.#put.get(consumer.kind, consumer.id, consumer.name, JSON.stringify(consumer.labels), hourUnixMs),
    )
    if (this.#known.size >= MOST_KNOWN) this.forget()
    this.#known.set(key, { id, consumer, hourUnixMs })
    return id
  }

  /** Numbers given in a transaction that was rolled back are void, and so are those of consumers that were deleted. */
  forget(): void {
    this.#known = new Map()
  }
}

/** Whether two of one id are described alike. */
export function isAlike(a: Consumer, b: Consumer): boolean {
  return a === b || (a.name === b.name && JSON.stringify(a.labels) === JSON.stringify(b.labels))
}
