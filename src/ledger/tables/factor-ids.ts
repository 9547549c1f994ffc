import type Database from 'better-sqlite3'
import type { Factor, FigureStatus, Instrument, IntensityBasis } from '../../model/carbon.ts'

const PPM = 1e6
/** Figures change by the hour, and those of last week are looked up again if they are asked for. */
const MOST_KNOWN = 1_000

/** Numbers of the figures that emissions were counted with. A figure that is not known yet is added. */
export class FactorIds {
  readonly #find: Database.Statement<unknown[], number>
  readonly #add: Database.Statement
  #known = new Map<string, number>()

  constructor(db: Database.Database) {
    this.#find = db
      .prepare<unknown[], number>(
        `SELECT factor_id FROM factor WHERE starts_unix_ms = ? AND source = ? AND zone = ? AND basis = ?
         AND instrument = ? AND ends_unix_ms IS ? AND mg_per_kwh IS ? AND status = ? AND data_quality = ?
         AND uncertainty_ppm = ? AND reason IS ?`,
      )
      .pluck()
    this.#add = db.prepare(
      `INSERT INTO factor (starts_unix_ms, source, zone, basis, instrument, ends_unix_ms, mg_per_kwh, status,
         data_quality, uncertainty_ppm, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
  }

  of(factor: Factor): number {
    const cells = cellsOf(factor)
    const key = cells.join('\0')
    const id = this.#known.get(key) ?? this.#find.get(...cells) ?? Number(this.#add.run(...cells).lastInsertRowid)
    if (this.#known.size >= MOST_KNOWN) this.forget()
    this.#known.set(key, id)
    return id
  }

  /** Numbers given in a transaction that was rolled back are void. */
  forget(): void {
    this.#known = new Map()
  }
}

function cellsOf(factor: Factor): (string | number | bigint | null)[] {
  const { startsUnixMs, source, zone, basis, instrument, endsUnixMs, mgPerKwh, status, dataQuality, reason } = factor
  const uncertaintyPpm = Math.round(factor.relativeUncertainty * PPM)
  const ends = endsUnixMs === null ? null : Math.round(endsUnixMs)
  return [
    Math.round(startsUnixMs),
    source,
    zone,
    basis,
    instrument,
    ends,
    mgPerKwh,
    status,
    dataQuality,
    uncertaintyPpm,
    reason,
  ]
}

export interface FactorRecord {
  readonly zone: string
  readonly basis: IntensityBasis
  readonly source: string
  readonly instrument: Instrument
  readonly starts_unix_ms: bigint
  readonly ends_unix_ms: bigint | null
  readonly mg_per_kwh: bigint | null
  readonly status: FigureStatus
  readonly data_quality: bigint
  readonly uncertainty_ppm: bigint
  readonly reason: string | null
}

export function toFactor(record: FactorRecord): Factor {
  return {
    zone: record.zone,
    basis: record.basis,
    source: record.source,
    instrument: record.instrument,
    startsUnixMs: Number(record.starts_unix_ms),
    endsUnixMs: record.ends_unix_ms === null ? null : Number(record.ends_unix_ms),
    mgPerKwh: record.mg_per_kwh,
    status: record.status,
    dataQuality: Number(record.data_quality) as Factor['dataQuality'],
    relativeUncertainty: Number(record.uncertainty_ppm) / PPM,
    reason: record.reason,
  }
}
