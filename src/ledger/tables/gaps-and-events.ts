import type Database from 'better-sqlite3'
import type { EventRow, GapRow } from '../../model/batch.ts'
import type { ChannelIds } from './channel-ids.ts'

/** What is recorded beside energy: gaps and events. */
export class GapsAndEvents {
  readonly #ids: ChannelIds
  readonly #extendGap: Database.Statement
  readonly #addGap: Database.Statement
  readonly #addEvent: Database.Statement

  constructor(db: Database.Database, ids: ChannelIds) {
    this.#ids = ids
    this.#extendGap = db.prepare(
      `UPDATE gap SET ended_unix_ms = ? WHERE gap_id = (
         SELECT max(gap_id) FROM gap WHERE channel_id IS ? AND reason = ? AND ended_unix_ms = ?)`,
    )
    this.#addGap = db.prepare(
      'INSERT INTO gap (ended_unix_ms, channel_id, reason, started_unix_ms) VALUES (?, ?, ?, ?)',
    )
    this.#addEvent = db.prepare('INSERT INTO event (at_unix_ms, what, detail) VALUES (?, ?, ?)')
  }

  /** A gap that goes on where one of the same reason ended makes that one longer: a day without a sensor is one row. */
  addGap(gap: GapRow): void {
    const channelId = gap.key === null ? null : this.#ids.of(gap.key)
    const cells = [Math.round(gap.endedUnixMs), channelId, gap.reason, Math.round(gap.startedUnixMs)]
    if (this.#extendGap.run(...cells).changes === 0) this.#addGap.run(...cells)
  }

  addEvent(event: EventRow): void {
    this.#addEvent.run(Math.round(event.atUnixMs), event.what, event.detail)
  }
}
