import type Database from 'better-sqlite3'
import type { EventRow, GapRow } from '../model/batch.ts'
import type { Intensity } from '../model/carbon.ts'
import type { ChannelIds } from './channel-ids.ts'

/** What is recorded beside energy: gaps, events and the intensities that were in force. */
export class Facts {
  readonly #ids: ChannelIds
  readonly #extendGap: Database.Statement
  readonly #addGap: Database.Statement
  readonly #addEvent: Database.Statement
  readonly #putIntensity: Database.Statement

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
    this.#putIntensity = db.prepare(
      `INSERT INTO grid_intensity (zone, basis, source, starts_unix_ms, ends_unix_ms, mg_per_kwh, status)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET
         ends_unix_ms = excluded.ends_unix_ms, mg_per_kwh = excluded.mg_per_kwh, status = excluded.status
       WHERE (ends_unix_ms, mg_per_kwh, status) IS NOT (excluded.ends_unix_ms, excluded.mg_per_kwh, excluded.status)`,
    )
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

  putIntensity(intensity: Intensity): void {
    const { zone, basis, source, startsUnixMs, endsUnixMs, mgPerKwh, status } = intensity
    const ends = endsUnixMs === null ? null : Math.round(endsUnixMs)
    this.#putIntensity.run(zone, basis, source, Math.round(startsUnixMs), ends, mgPerKwh, status)
  }
}
