import type Database from 'better-sqlite3'
import type { PartEnergy } from '../../model/batch.ts'
import type { LedgerSpan } from '../../model/ledger-span.ts'
import { floorTo, HOUR_MS, MINUTE_MS } from '../../model/time.ts'
import { rowsWithin, SERIES_BITS } from '../schema/fine-tables.ts'
import { sumIfAllKnown } from '../schema/sql.ts'

interface Limits {
  readonly first: number
  readonly from: number
  readonly to: number
  readonly length: number
}

interface Place {
  readonly start_unix_ms: bigint
  readonly is_cut: bigint
  readonly energy_uj: bigint
}

interface NodeRecord extends Place {
  readonly meter: string
  readonly uncertainty_uj: bigint
  readonly facility_uj: bigint
  readonly covered_ms: bigint
  readonly co2e_location_ug: bigint | null
  readonly co2e_market_ug: bigint | null
  readonly embodied_ug: bigint | null
}

interface PartRecord extends Place, Pick<PartEnergy, 'part' | 'quality'> {}

interface Grain {
  readonly resolutionMs: number
  readonly oldest: Database.Statement<[], number | null>
  readonly node: Database.Statement<[Limits], NodeRecord>
  readonly parts: Database.Statement<[Limits], PartRecord>
}

/** Minutes are summed up for so many of them: a week. */
const MOST_MINUTES = 7 * 24 * 60

/** The node's energy of any time, by the finest grain that is still kept of its beginning. @throws SqliteError */
export class Spans {
  readonly #minutes: Grain
  readonly #hours: Grain

  constructor(db: Database.Database) {
    this.#minutes = grainOf(db, 'minute', MINUTE_MS)
    this.#hours = grainOf(db, 'hour', HOUR_MS)
  }

  of(fromUnixMs: number, toUnixMs: number): LedgerSpan {
    const { resolutionMs, node, parts } = this.#isFine(fromUnixMs, toUnixMs) ? this.#minutes : this.#hours
    const first = floorTo(resolutionMs, fromUnixMs)
    const limits = { first, from: fromUnixMs, to: toUnixMs, length: resolutionMs }
    const placeOf = (row: Place) => ({ startUnixMs: Number(row.start_unix_ms), isCut: row.is_cut === 1n })
    return {
      resolutionMs,
      rows: node.all(limits).map((row) => ({
        ...placeOf(row),
        energyUj: row.energy_uj,
        meter: row.meter,
        uncertaintyUj: row.uncertainty_uj,
        facilityUj: row.facility_uj,
        coveredMs: Number(row.covered_ms),
        co2eLocationUg: row.co2e_location_ug,
        co2eMarketUg: row.co2e_market_ug,
        embodiedUg: row.embodied_ug,
      })),
      parts: parts.all(limits).map((row) => ({
        ...placeOf(row),
        energyUj: row.energy_uj,
        part: row.part,
        quality: row.quality,
      })),
    }
  }

  /** Minutes reach back to its beginning, or to that of the ledger. */
  #isFine(fromUnixMs: number, toUnixMs: number): boolean {
    const oldest = this.#minutes.oldest.get() ?? null
    if (oldest === null || toUnixMs - fromUnixMs > MOST_MINUTES * MINUTE_MS) return false
    return oldest <= fromUnixMs || floorTo(HOUR_MS, oldest) <= (this.#hours.oldest.get() ?? oldest)
  }
}

function grainOf(db: Database.Database, name: 'minute' | 'hour', resolutionMs: number): Grain {
  const first = name === 'minute' ? `min(row_id) >> ${SERIES_BITS}` : 'min(start_unix_ms)'
  const cut = 'start_unix_ms < :from OR start_unix_ms + :length > :to'
  const select = (table: string, key: string, sums: string) =>
    `SELECT min(start_unix_ms) AS start_unix_ms, ${cut} AS is_cut, ${key}, sum(energy_uj) AS energy_uj${sums}
     FROM ${table} WHERE ${rowsWithin(name, ':first', ':to')}
     GROUP BY iif(${cut}, start_unix_ms, -1), ${key} ORDER BY 1, ${key}`
  const sums = [
    'sum(uncertainty_uj) AS uncertainty_uj',
    'sum(facility_uj) AS facility_uj',
    'sum(covered_ms) AS covered_ms',
    ...['co2e_location_ug', 'co2e_market_ug', 'embodied_ug'].map((column) => `${sumIfAllKnown(column)} AS ${column}`),
  ]
  return {
    resolutionMs,
    oldest: db.prepare<[], number | null>(`SELECT ${first} FROM node_${name}`).pluck(),
    node: db.prepare<[Limits], NodeRecord>(select(`node_${name}`, 'meter', `, ${sums.join(', ')}`)).safeIntegers(),
    parts: db.prepare<[Limits], PartRecord>(select(`part_${name}`, 'part, quality', '')).safeIntegers(),
  }
}
