import type Database from 'better-sqlite3'
import type { ConsumerKind } from '../../model/consumer.ts'
import { DAY_MS, floorTo } from '../../model/time.ts'
import { isSingular, otherOf } from '../other-consumer.ts'
import { consumerHours, SHARES } from '../schema/consumer-views.ts'
import { sumIfAllKnown } from '../schema/sql.ts'
import type { ConsumerIds } from './consumer-ids.ts'
import type { LateChanges } from './late-changes.ts'

/**
 * Of a day those with the most energy keep a row of their own, if it is a ten-thousandth of all. The others, among them
 * thousands that lived for minutes, are `other` of their kind and tenant.
 */
const NAMED_PER_DAY = 300
const LEAST_NAMED = 10_000n

const WITHIN = 'WHERE start_unix_ms >= :from AND start_unix_ms < :until'
/** Null where one of those summed is null. */
const SUMMED = ['idle_uj', 'dynamic_uj', ...SHARES] as const

interface Span {
  readonly from: number
  readonly until: number
}

interface DayRow extends Readonly<Record<(typeof SHARES)[number], bigint | null>> {
  readonly idle_uj: bigint
  readonly dynamic_uj: bigint
  readonly consumer_id: bigint
  readonly kind: ConsumerKind
  readonly id: string
  readonly tenant: string
}

/** Sums up the hours of consumers by the day, when their time is over. */
export class ConsumerDays {
  readonly #db: Database.Database
  readonly #keepMs: number
  readonly #ids: ConsumerIds
  readonly #late: LateChanges
  readonly #oldest: Database.Statement<[], number | null>
  readonly #ofDay: Database.Statement<[Span], DayRow>
  readonly #add: Database.Statement
  readonly #keep: Database.Statement
  readonly #dropHours: Database.Statement
  readonly #dropConsumer: Database.Statement

  constructor(db: Database.Database, keepMs: number, ids: ConsumerIds, late: LateChanges) {
    this.#db = db
    this.#keepMs = keepMs
    this.#ids = ids
    this.#late = late
    this.#oldest = db.prepare<[], number | null>('SELECT min(start_unix_ms) FROM consumer_hour').pluck()
    this.#ofDay = db
      .prepare<[Span], DayRow>(
        `SELECT consumer_id, kind, id, tenant, sum(idle_uj) AS idle_uj, sum(dynamic_uj) AS dynamic_uj,
           ${SHARES.map((column) => `${sumIfAllKnown(column)} AS ${column}`)}
         FROM (${consumerHours(WITHIN)}) JOIN consumer USING (consumer_id)
         GROUP BY consumer_id, tenant ORDER BY sum(idle_uj + dynamic_uj) DESC, consumer_id, tenant`,
      )
      .safeIntegers()
    this.#add = db.prepare(
      `INSERT INTO consumer_day VALUES (:from, :id, :tenant, ${SUMMED.map((column) => `:${column}`)})
       ON CONFLICT DO UPDATE SET ${SUMMED.map((column) => `${column} = ${column} + excluded.${column}`)}`,
    )
    this.#keep = db.prepare('UPDATE consumer SET is_kept = 1 WHERE consumer_id = ? AND is_kept = 0')
    this.#dropHours = db.prepare(`DELETE FROM consumer_hour ${WITHIN}`)
    this.#dropConsumer = db.prepare(
      'DELETE FROM consumer WHERE consumer_id = ? AND is_kept = 0 AND last_hour_unix_ms < ?',
    )
  }

  /** The oldest day, in a transaction, if its time is over. True when the next is, too. */
  sumUpOne(nowUnixMs: number): boolean {
    const day = this.#oldestDue(nowUnixMs)
    if (day === null) return false
    try {
      this.#db
        .transaction(() => {
          this.#sumUp(day, day + DAY_MS)
          this.#late.note(nowUnixMs, 'consumer_day', day)
        })
        .immediate()
    } finally {
      this.#ids.forget()
    }
    return this.#oldestDue(nowUnixMs) !== null
  }

  #sumUp(from: number, until: number): void {
    const rows = this.#ofDay.all({ from, until })
    const dayUj = rows.reduce((sum, row) => sum + energyOf(row), 0n)
    this.#dropHours.run({ from, until })
    for (const [rank, row] of rows.entries()) {
      const { consumer_id: consumerId } = row
      const isLarge = rank < NAMED_PER_DAY && energyOf(row) * LEAST_NAMED >= dayUj
      const isNamed = isLarge || isSingular(row)
      const id = isNamed ? consumerId : this.#ids.of(otherOf(row), from)
      this.#add.run({ ...row, from, id })
      this.#keep.run(id)
      if (!isNamed) this.#dropConsumer.run(consumerId, until)
    }
  }

  #oldestDue(nowUnixMs: number): number | null {
    const oldest = this.#oldest.get() ?? null
    if (oldest === null) return null
    const day = floorTo(DAY_MS, oldest)
    return day + DAY_MS + this.#keepMs <= nowUnixMs ? day : null
  }
}

function energyOf(row: DayRow): bigint {
  return row.idle_uj + row.dynamic_uj
}
