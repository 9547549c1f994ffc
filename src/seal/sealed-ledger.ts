import type Database from 'better-sqlite3'
import { DAY_MS, floorTo } from '../model/time.ts'
import { SealError } from './seal-error.ts'
import type { Numbers, Seal } from './seal-text.ts'
import type { Late } from './sealed-rows.ts'

type Sealed = Pick<Seal, 'ledger' | 'fromUnixMs' | 'untilUnixMs' | 'numbers'>

/** What of a ledger decides which rows a seal holds. */
export class SealedLedger {
  readonly #db: Database.Database

  /** @throws SealError SEAL_LEDGER for one of an earlier version. */
  constructor(db: Database.Database, path: string) {
    this.#db = db
    const tables = db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'late_change'").pluck().get()
    if (tables === 1) return
    const text = `the ledger ${path} is of an earlier version: start the agent once, which brings it up to date`
    throw new SealError('SEAL_LEDGER', text)
  }

  identity(): string {
    return String(this.#db.prepare('SELECT ledger FROM ledger_identity').pluck().get())
  }

  /** Null before the first batch. */
  closedUntilUnixMs(): number | null {
    return this.#number('SELECT until_unix_ms FROM settlement') ?? null
  }

  /** The day of the oldest hour; the end of time where there is none. */
  firstDayUnixMs(): number {
    const first = this.#number('SELECT min(start_unix_ms) FROM node_hour')
    return typeof first === 'number' ? floorTo(DAY_MS, first) : Number.POSITIVE_INFINITY
  }

  /** `after`: the last seal of this ledger; null for its first, which holds all that there is. */
  spanAfter(after: Sealed | null, endUnixMs: number): Sealed {
    const upTo = (table: string, condition: string): Numbers => {
      const from = after?.numbers[table as keyof Sealed['numbers']][1] ?? 0
      // All up to the last of that day: a clock that was set back gives later numbers to earlier times.
      const last = this.#number(`SELECT max(${table}_id) FROM ${table} WHERE ${condition}`) ?? 0
      return [from, Math.max(from, last)]
    }
    const byThen = `at_unix_ms < ${endUnixMs}`
    return {
      ledger: this.identity(),
      fromUnixMs: after?.untilUnixMs ?? 0,
      untilUnixMs: endUnixMs,
      numbers: {
        factor: upTo('factor', 'true'),
        restatement: upTo('restatement', byThen),
        event: upTo('event', byThen),
        late_change: upTo('late_change', byThen),
      },
    }
  }

  /** Each time once. */
  lateBetween([after, upTo]: Numbers): readonly Late[] {
    return this.#db
      .prepare<[number, number], Late>(
        `SELECT DISTINCT changed_table AS "table", start_unix_ms AS startUnixMs FROM late_change
         WHERE late_change_id > ? AND late_change_id <= ? ORDER BY 1, 2`,
      )
      .all(after, upTo)
  }

  energyUj(fromUnixMs: number, untilUnixMs: number): bigint {
    return (
      this.#db
        .prepare<[number, number], bigint>(
          'SELECT ifnull(sum(energy_uj), 0) FROM node_hour WHERE start_unix_ms >= ? AND start_unix_ms < ?',
        )
        .pluck()
        .safeIntegers()
        .get(fromUnixMs, untilUnixMs) ?? 0n
    )
  }

  #number(query: string): number | null | undefined {
    return this.#db.prepare<[], number | null>(query).pluck().get()
  }
}
