import type Database from 'better-sqlite3'
import type { ConsumerKind } from '../../model/consumer.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { isSingular, otherOf } from '../other-consumer.ts'
import type { ConsumerIds } from './consumer-ids.ts'
import { ADD_TO_HOUR } from './consumer-rows.ts'
import type { LateChanges } from './late-changes.ts'
import { seldom } from './seldom.ts'

/** With the 42 days that hours are kept, this bounds the ledger of a host on which any number of containers come and go. */
const MOST_PER_HOUR = 1_000
/** Energy of an hour comes this long after its end at the most, but for outages. */
const LATE_MS = HOUR_MS
/** How far a start looks back. */
const LOOK_BACK_MS = 2 * DAY_MS

interface SmallRow {
  readonly consumer_id: bigint
  readonly kind: ConsumerKind
  readonly id: string
  readonly tenant: string
  readonly idle_uj: bigint
  readonly dynamic_uj: bigint
}

/** Hours with thousands of consumers keep the largest; the rest is `other` of its kind and tenant. */
export class CrowdedHours {
  readonly #db: Database.Database
  readonly #ids: ConsumerIds
  readonly #late: LateChanges
  readonly #statements: () => ReturnType<typeof statementsOf>
  #seenUnixMs = 0

  constructor(db: Database.Database, ids: ConsumerIds, late: LateChanges) {
    this.#db = db
    this.#ids = ids
    this.#late = late
    this.#statements = seldom(() => statementsOf(db))
  }

  /** The hours that ended since the last call, each in a transaction. */
  thin(nowUnixMs: number): void {
    const untilUnixMs = nowUnixMs - HOUR_MS - LATE_MS
    const fromUnixMs = Math.max(Math.min(this.#seenUnixMs, untilUnixMs), nowUnixMs - LOOK_BACK_MS)
    for (const hour of this.#statements().crowded.all(fromUnixMs, untilUnixMs)) {
      try {
        this.#db
          .transaction(() => {
            this.#thinHour(hour)
            this.#late.note(nowUnixMs, 'consumer_hour', hour)
          })
          .immediate()
      } finally {
        this.#ids.forget()
      }
    }
    this.#seenUnixMs = untilUnixMs
  }

  #thinHour(hour: number): void {
    const { small, drop, add, dropConsumers } = this.#statements()
    const rows = small.all(hour).filter((row) => !isSingular(row))
    for (const row of rows) {
      drop.run(hour, row.consumer_id, row.tenant)
      add.run(hour, this.#ids.of(otherOf(row), hour), row.tenant, row.idle_uj, row.dynamic_uj)
    }
    dropConsumers.run(JSON.stringify(rows.map((row) => Number(row.consumer_id))), hour)
  }
}

function statementsOf(db: Database.Database) {
  return {
    crowded: db
      .prepare<[from: number, until: number], number>(
        `SELECT start_unix_ms FROM consumer_hour WHERE start_unix_ms >= ? AND start_unix_ms < ?
         GROUP BY start_unix_ms HAVING count(*) > ${MOST_PER_HOUR}`,
      )
      .pluck(),
    small: db
      .prepare<[hour: number], SmallRow>(
        `SELECT consumer_id, kind, id, tenant, idle_uj, dynamic_uj FROM consumer_hour JOIN consumer USING (consumer_id)
         WHERE start_unix_ms = ? ORDER BY idle_uj + dynamic_uj DESC, consumer_id, tenant LIMIT -1 OFFSET ${MOST_PER_HOUR}`,
      )
      .safeIntegers(),
    drop: db.prepare('DELETE FROM consumer_hour WHERE start_unix_ms = ? AND consumer_id = ? AND tenant = ?'),
    add: db.prepare(ADD_TO_HOUR),
    // One pass over the hours, in which another may name it still: they are found by their time alone.
    dropConsumers: db.prepare(
      `WITH small AS (SELECT value FROM json_each(?))
       DELETE FROM consumer WHERE consumer_id IN small AND is_kept = 0 AND last_hour_unix_ms <= ?
         AND consumer_id NOT IN (SELECT consumer_id FROM consumer_hour WHERE consumer_id IN small)`,
    ),
  }
}
