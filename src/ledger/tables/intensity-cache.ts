import type Database from 'better-sqlite3'
import type { FetchedFigure } from '../../model/fetched-figure.ts'
import { DAY_MS } from '../../model/time.ts'

/** Settlement looks back no further. */
const KEPT_MS = 40 * DAY_MS

interface Row {
  readonly zone: string
  readonly basis: FetchedFigure['basis']
  readonly mg_per_kwh: number
  readonly status: FetchedFigure['status']
  readonly starts_unix_ms: number
  readonly ends_unix_ms: number
  readonly fetched_unix_ms: number
}

/** What was fetched of carbon intensities, so that a restart needs no network. Not what was counted with: that is a fact. */
export class IntensityCache {
  readonly #load: Database.Statement<[string], Row>
  readonly #save: (source: string, figures: readonly FetchedFigure[]) => void

  constructor(db: Database.Database) {
    this.#load = db.prepare(
      `SELECT zone, basis, mg_per_kwh, status, starts_unix_ms, ends_unix_ms, fetched_unix_ms FROM fetched_intensity
       WHERE source = ? ORDER BY fetched_unix_ms, starts_unix_ms`,
    )
    const put = db.prepare(
      `INSERT OR REPLACE INTO fetched_intensity
         (source, zone, basis, starts_unix_ms, ends_unix_ms, mg_per_kwh, status, fetched_unix_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    const prune = db.prepare('DELETE FROM fetched_intensity WHERE ends_unix_ms < ?')
    const saveAll = db.transaction((source: string, figures: readonly FetchedFigure[]) => {
      for (const { zone, basis, startsUnixMs, endsUnixMs, mgPerKwh, status, fetchedUnixMs } of figures) {
        put.run(source, zone, basis, startsUnixMs, endsUnixMs, mgPerKwh, status, fetchedUnixMs)
      }
      prune.run(Math.max(...figures.map(({ fetchedUnixMs }) => fetchedUnixMs)) - KEPT_MS)
    })
    this.#save = saveAll.immediate
  }

  /** In the order in which they were fetched: a later one may overlap, and holds. @throws SqliteError */
  load(source: string): FetchedFigure[] {
    return this.#load.all(source).map((row) => ({
      zone: row.zone,
      basis: row.basis,
      mgPerKwh: BigInt(row.mg_per_kwh),
      status: row.status,
      startsUnixMs: row.starts_unix_ms,
      endsUnixMs: row.ends_unix_ms,
      fetchedUnixMs: row.fetched_unix_ms,
    }))
  }

  /** All or none. @throws SqliteError */
  save(source: string, figures: readonly FetchedFigure[]): void {
    if (figures.length > 0) this.#save(source, figures)
  }
}
