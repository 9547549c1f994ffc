import type Database from 'better-sqlite3'
import { DAY_MS, floorTo, HOUR_MS } from '../../model/time.ts'
import type { Waiting } from '../batch-queue.ts'
import type { Settlement } from '../settlement/settlement.ts'

/** Tables whose rows of a closed time may still change, and the time that a row is found by. */
export type ClosableTable =
  | 'node_hour'
  | 'part_hour'
  | 'channel_hour'
  | 'consumer_hour'
  | 'consumer_day'
  | 'emission'
  | 'gap'

/**
 * Writes down which closed times are written again, in the same transaction, so that a seal of a later day can hold
 * them anew, and what changes otherwise is no work of the agent.
 */
export class LateChanges {
  readonly #add: Database.Statement
  /** What stands there for the present day already. */
  readonly #noted = new Set<string>()
  #day = 0

  constructor(db: Database.Database) {
    this.#add = db.prepare('INSERT INTO late_change (at_unix_ms, changed_table, start_unix_ms) VALUES (?, ?, ?)')
  }

  /** Those that batches change. `before`: the settlement as it was before them. */
  noteAll(before: Settlement | null, { batches, hours, consumerRows }: Waiting): void {
    const last = batches.at(-1)
    if (before === null || last === undefined) return
    const note = (table: ClosableTable, unixMs: number) => {
      if (unixMs < before.untilUnixMs) this.note(last.atUnixMs, table, floorTo(HOUR_MS, unixMs))
    }
    for (const rows of [...batches, hours]) {
      for (const row of rows.channelRows) note('channel_hour', row.startUnixMs)
      for (const row of rows.nodeRows) note('node_hour', row.startUnixMs)
      for (const row of rows.partRows) note('part_hour', row.startUnixMs)
    }
    for (const row of consumerRows) note('consumer_hour', row.hourUnixMs)
    for (const { carbon, gaps } of batches) {
      for (const row of carbon.emissions) note('emission', Math.round(row.startUnixMs))
      for (const gap of gaps) {
        // It may make one longer that ended where it starts.
        note('gap', Math.round(gap.startedUnixMs))
        note('gap', Math.round(gap.endedUnixMs))
      }
    }
  }

  note(atUnixMs: number, table: ClosableTable, startUnixMs: number): void {
    const day = floorTo(DAY_MS, atUnixMs)
    if (day !== this.#day) this.#noted.clear()
    this.#day = day
    const key = `${table} ${startUnixMs}`
    if (this.#noted.has(key)) return
    this.#add.run(Math.round(atUnixMs), table, startUnixMs)
    this.#noted.add(key)
  }

  /** A transaction was rolled back. */
  forget(): void {
    this.#noted.clear()
  }
}
