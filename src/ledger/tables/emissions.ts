import type Database from 'better-sqlite3'
import type { EmissionAccount, EmissionRow, RestatementRow, StandingEmission } from '../../model/carbon.ts'
import { StoreError } from '../store-error.ts'
import { FactorIds, type FactorRecord, toFactor } from './factor-ids.ts'

const PPM = 1e6

/** The carbon books: bookings, which only grow while their time runs, and restatements, which are only appended. */
export class Emissions {
  readonly #factors: FactorIds
  readonly #put: Database.Statement
  readonly #restate: Database.Statement

  constructor(db: Database.Database) {
    this.#factors = new FactorIds(db)
    this.#put = db.prepare(
      `INSERT INTO emission VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET energy_uj = excluded.energy_uj, co2e_ug = excluded.co2e_ug`,
    )
    this.#restate = db.prepare('INSERT INTO restatement VALUES (?, ?, ?, ?, ?, ?, ?)')
  }

  put(row: EmissionRow): void {
    this.#put.run(
      row.id,
      row.account,
      Math.round(row.startUnixMs),
      Math.round(row.endUnixMs - row.startUnixMs),
      this.#factors.of(row.factor),
      row.energyUj,
      row.puePpm,
      Math.round(row.pueRelativeUncertainty * PPM),
      row.co2eUg,
    )
  }

  restate({ id, atUnixMs, emissionId, replacesId, factor, beforeUg, afterUg }: RestatementRow): void {
    this.#restate.run(id, Math.round(atUnixMs), emissionId, replacesId, this.#factors.of(factor), beforeUg, afterUg)
  }

  forget(): void {
    this.#factors.forget()
  }
}

/** The numbers that the next booking and the next restatement have. */
export function nextNumbers(db: Database.Database): { readonly emissionId: number; readonly restatementId: number } {
  const after = (table: string) =>
    db.prepare<[], number>(`SELECT ifnull(max(${table}_id), 0) + 1 FROM ${table}`).pluck().get() ?? 1
  return { emissionId: after('emission'), restatementId: after('restatement') }
}

/** Emissions that begin at or after a time, each with the figure that holds for it now, in order of time. */
export function settledEmissions(db: Database.Database, sinceUnixMs: number): StandingEmission[] {
  const factors = new Map<bigint, StandingEmission['factor']>()
  const load = db.prepare<[bigint], FactorRecord>('SELECT * FROM factor WHERE factor_id = ?').safeIntegers()
  const factorOf = (id: bigint): StandingEmission['factor'] => {
    const known = factors.get(id)
    if (known !== undefined) return known
    const record = load.get(id)
    if (record === undefined) throw new StoreError('STORE_CORRUPT', `the ledger is damaged: it has no factor ${id}`)
    const factor = toFactor(record)
    factors.set(id, factor)
    return factor
  }
  const rows = db
    .prepare<[number], EmissionRecord>(
      `SELECT e.*, r.restatement_id, r.factor_id AS settled_factor_id,
         (SELECT ifnull(sum(after_ug - before_ug), 0) FROM restatement WHERE emission_id = e.emission_id) AS correction_ug
       FROM emission e LEFT JOIN restatement r ON r.restatement_id =
         (SELECT max(restatement_id) FROM restatement WHERE emission_id = e.emission_id)
       WHERE e.start_unix_ms >= ? ORDER BY e.start_unix_ms, e.emission_id`,
    )
    .safeIntegers()
  return rows.all(sinceUnixMs).map((row) => {
    const start = Number(row.start_unix_ms)
    return {
      id: Number(row.emission_id),
      account: row.account,
      startUnixMs: start,
      endUnixMs: start + Number(row.duration_ms),
      factor: factorOf(row.factor_id),
      energyUj: row.energy_uj,
      puePpm: row.pue_ppm,
      pueRelativeUncertainty: Number(row.pue_uncertainty_ppm) / PPM,
      co2eUg: row.co2e_ug,
      standing: {
        factor: factorOf(row.settled_factor_id ?? row.factor_id),
        co2eUg: row.co2e_ug + row.correction_ug,
        restatementId: row.restatement_id === null ? null : Number(row.restatement_id),
      },
    }
  })
}

interface EmissionRecord {
  readonly emission_id: bigint
  readonly account: EmissionAccount
  readonly start_unix_ms: bigint
  readonly duration_ms: bigint
  readonly factor_id: bigint
  readonly energy_uj: bigint
  readonly pue_ppm: bigint
  readonly pue_uncertainty_ppm: bigint
  readonly co2e_ug: bigint
  readonly restatement_id: bigint | null
  readonly settled_factor_id: bigint | null
  readonly correction_ug: bigint
}
