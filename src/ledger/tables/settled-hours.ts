import type Database from 'better-sqlite3'
import type { SettledTotal, TenantTotal } from '../../model/attribution.ts'
import type { EmissionAccount, IntensityBasis } from '../../model/carbon.ts'
import { HOUR_MS } from '../../model/time.ts'
import { NO_TOTAL } from '../settlement/sums.ts'

/** What the ledger has of one hour. */
export interface HourFigures {
  readonly node: SettledTotal
  readonly tenants: readonly TenantTotal[]
}

export const NO_HOUR: HourFigures = { node: NO_TOTAL, tenants: [] }

/** `standing`: with the restatements of now. `booked`: without. */
type Which = 'standing' | 'booked'
type Span = [fromUnixMs: number, untilUnixMs: number]

/** Reads what hours hold of the node and of each tenant. */
export class SettledHours {
  readonly #node: Database.Statement<Span, NodeRecord>
  readonly #emissions: Readonly<Record<Which, Database.Statement<Span, EmissionRecord>>>
  readonly #tenants: Database.Statement<Span, TenantRecord>

  constructor(db: Database.Database) {
    this.#node = db
      .prepare<Span, NodeRecord>(
        `SELECT start_unix_ms AS hour, sum(energy_uj) AS energy_uj,
           ifnull(sum(site_water_ul), 0) AS site_water_ul, ifnull(sum(grid_water_ul), 0) AS grid_water_ul
         FROM node_hour WHERE start_unix_ms >= ? AND start_unix_ms < ? GROUP BY 1`,
      )
      .safeIntegers()
    const emissions = (ug: string, factorId: string) =>
      db
        .prepare<Span, EmissionRecord>(
          `SELECT hour, account, basis, sum(ug) AS ug
           FROM (
             SELECT start_unix_ms - start_unix_ms % ${HOUR_MS} AS hour, account, ${ug} AS ug, ${factorId} AS factor_id
             FROM emission e WHERE start_unix_ms >= ? AND start_unix_ms < ?
           ) JOIN factor USING (factor_id) GROUP BY 1, 2, 3`,
        )
        .safeIntegers()
    const ofRestatements = (column: string, order = '') =>
      `(SELECT ${column} FROM restatement r WHERE r.emission_id = e.emission_id ${order})`
    this.#emissions = {
      standing: emissions(
        `e.co2e_ug + ifnull(${ofRestatements('sum(after_ug - before_ug)')}, 0)`,
        `ifnull(${ofRestatements('factor_id', 'ORDER BY restatement_id DESC LIMIT 1')}, e.factor_id)`,
      ),
      booked: emissions('e.co2e_ug', 'e.factor_id'),
    }
    this.#tenants = db
      .prepare<Span, TenantRecord>(
        `SELECT start_unix_ms AS hour, tenant, sum(idle_uj) AS idle_uj, sum(dynamic_uj) AS dynamic_uj
         FROM consumer_hour WHERE start_unix_ms >= ? AND start_unix_ms < ? GROUP BY 1, 2`,
      )
      .safeIntegers()
  }

  /** By the hours that have anything. */
  between(fromUnixMs: number, untilUnixMs: number, which: Which): ReadonlyMap<number, HourFigures> {
    const hours = new Map<number, HourFigures>()
    const change = (hour: bigint, grow: (figures: HourFigures) => HourFigures) =>
      void hours.set(Number(hour), grow(hours.get(Number(hour)) ?? NO_HOUR))
    for (const row of this.#node.all(fromUnixMs, untilUnixMs)) {
      const { energy_uj: energyUj, site_water_ul: siteWaterUl, grid_water_ul: gridWaterUl } = row
      change(row.hour, (of) => ({ ...of, node: { ...of.node, energyUj, siteWaterUl, gridWaterUl } }))
    }
    for (const { hour, account, basis, ug } of this.#emissions[which].all(fromUnixMs, untilUnixMs)) {
      change(hour, (of) => ({ ...of, node: withMass(of.node, account, basis, ug) }))
    }
    for (const { hour, tenant, idle_uj: idleUj, dynamic_uj: dynamicUj } of this.#tenants.all(fromUnixMs, untilUnixMs)) {
      change(hour, (of) => ({ ...of, tenants: [...of.tenants, { tenant, idleUj, dynamicUj }] }))
    }
    return hours
  }
}

function withMass(total: SettledTotal, account: EmissionAccount, basis: IntensityBasis, ug: bigint): SettledTotal {
  return { ...total, co2eUg: { ...total.co2eUg, [account]: { ...total.co2eUg[account], [basis]: ug } } }
}

interface NodeRecord {
  readonly hour: bigint
  readonly energy_uj: bigint
  readonly site_water_ul: bigint
  readonly grid_water_ul: bigint
}

interface EmissionRecord {
  readonly hour: bigint
  readonly account: EmissionAccount
  readonly basis: IntensityBasis
  readonly ug: bigint
}

interface TenantRecord {
  readonly hour: bigint
  readonly tenant: string
  readonly idle_uj: bigint
  readonly dynamic_uj: bigint
}
