import type Database from 'better-sqlite3'
import { HOUR_MS } from '../../model/time.ts'
import { SERIES_BITS } from '../schema/fine-tables.ts'
import { ConsumerDays } from './consumer-days.ts'
import type { ConsumerIds } from './consumer-ids.ts'
import { CrowdedHours } from './crowded-hours.ts'
import type { LateChanges } from './late-changes.ts'
import { seldom } from './seldom.ts'

/** How long the finer grains are kept. Hours are kept for ever. */
export interface Keep {
  readonly rawMs: number
  readonly minutesMs: number
  /** Hours of consumers, whose days are kept for ever. */
  readonly consumersMs: number
  /** Measured windows; for ever where it is left out. */
  readonly windowsMs?: number
}

export interface RetentionOptions {
  readonly keep: Keep
  /** Rows per table that one pass may delete, so that a pass is a matter of milliseconds. */
  readonly rowsPerPass?: number
  /** Newest gaps, events and windows that are kept: neither a flapping sensor nor a busy client must fill the disk. */
  readonly newestKept?: number
}

const ROWS_PER_PASS = 10_000
export const NEWEST_KEPT = 100_000
/** Freed pages left in the file for the next rows; what exceeds them goes back to the file system, a bit per pass. */
const SPARE_PAGES = 1024
const PAGES_PER_PASS = 1024

/** Deletes what has outlived its time. Minutes and hours are sums of their own; only the hours of consumers are summed up first. */
export class Retention {
  readonly #db: Database.Database
  readonly #rowsPerPass: number
  readonly #deletions: () => readonly { readonly statement: Database.Statement; readonly keepMs: number }[]
  readonly #trims: () => readonly Database.Statement[]
  readonly #consumerDays: () => ConsumerDays
  readonly #crowdedHours: CrowdedHours
  #prunedHour: number | null = null

  constructor(
    db: Database.Database,
    { keep, rowsPerPass, newestKept }: RetentionOptions,
    ids: ConsumerIds,
    late: LateChanges,
  ) {
    const limit = rowsPerPass ?? ROWS_PER_PASS
    this.#db = db
    this.#rowsPerPass = limit
    this.#consumerDays = seldom(() => new ConsumerDays(db, keep.consumersMs, ids, late))
    this.#crowdedHours = new CrowdedHours(db, ids, late)
    const fine = Object.entries({
      channel_raw: keep.rawMs,
      node_raw: keep.rawMs,
      channel_minute: keep.minutesMs,
      node_minute: keep.minutesMs,
      part_minute: keep.minutesMs,
    })
    this.#deletions = seldom(() => [
      ...fine.map(([table, keepMs]) => ({
        statement: db.prepare(
          `DELETE FROM ${table} WHERE row_id < (? << ${SERIES_BITS}) ORDER BY row_id LIMIT ${limit}`,
        ),
        keepMs,
      })),
      {
        statement: db.prepare(
          `DELETE FROM measured_window WHERE start_unix_ms < ? ORDER BY start_unix_ms LIMIT ${limit}`,
        ),
        keepMs: keep.windowsMs ?? Number.MAX_SAFE_INTEGER,
      },
    ])
    this.#trims = seldom(() =>
      ['gap', 'event', 'measured_window', 'late_change'].map((table) =>
        db.prepare(
          `DELETE FROM ${table} WHERE ${table}_id <= (SELECT max(${table}_id) FROM ${table}) - ${newestKept ?? NEWEST_KEPT}
           ORDER BY ${table}_id LIMIT ${limit}`,
        ),
      ),
    )
  }

  /** Once an hour by the wall clock, and at every call while a pass has left something over. */
  prune(nowUnixMs: number): void {
    const hour = Math.floor(nowUnixMs / HOUR_MS)
    if (hour === this.#prunedHour) return
    this.#prunedHour = hour
    this.#crowdedHours.thin(nowUnixMs)
    if (this.#pass(nowUnixMs)) this.#prunedHour = null
  }

  /** One bounded pass. True when a further one would find more to do. */
  #pass(nowUnixMs: number): boolean {
    const deletePass = this.#db.transaction(() => {
      const deleted = this.#deletions().map(({ statement, keepMs }) => statement.run(nowUnixMs - keepMs).changes)
      const trimmed = this.#trims().map((statement) => statement.run().changes)
      return Math.max(...deleted, ...trimmed)
    })
    const most = deletePass.immediate()
    const hasMoreDays = this.#consumerDays().sumUpOne(nowUnixMs)
    const spare = Number(this.#db.pragma('freelist_count', { simple: true })) - SPARE_PAGES
    if (spare > 0) this.#db.pragma(`incremental_vacuum(${Math.min(spare, PAGES_PER_PASS)})`)
    return hasMoreDays || most >= this.#rowsPerPass || spare > PAGES_PER_PASS
  }
}
