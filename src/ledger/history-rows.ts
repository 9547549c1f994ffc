import type Database from 'better-sqlite3'
import type { Part } from '../model/part.ts'
import type { GapReason, Quality } from '../model/posting.ts'
import {
  BOUNDS,
  CONSUMER_SUMS,
  CORRECTIONS,
  COUNT_GAPS,
  type Grain,
  LONGEST_GAPS,
  nodeSteps,
  partSteps,
  TENANT_SUMS,
} from './history-sql.ts'
import { openReadOnly } from './read-only.ts'
import { type LedgerSpan, requireFormat } from './report-rows.ts'
import { CUT_DAY } from './report-sql.ts'

export type { Grain } from './history-sql.ts'

/** Energy of one meter in one step. Sums are doubles: they are for people, and a year at 10 kW is exact to its joule. */
export interface NodeStep {
  readonly start: number
  readonly meter: string
  readonly measuredUj: number
  readonly derivedUj: number
  readonly estimatedUj: number
  /** Standard uncertainty (k = 1). */
  readonly uncertaintyUj: number
  readonly facilityUj: number
  readonly coveredMs: number
  /** As booked; null where not known for all of the energy. */
  readonly co2e_location_ug: number | null
  readonly co2e_market_ug: number | null
  readonly embodied_ug: number | null
  readonly site_water_ul: number | null
  readonly grid_water_ul: number | null
}

export interface PartStep {
  readonly start: number
  readonly part: Part
  readonly quality: Quality
  readonly energyUj: number
}

export interface Correction {
  readonly hour: number
  readonly account: 'location' | 'market'
  readonly changeUg: number
  /** That was booked, of the whole hour. */
  readonly energyUj: number
}

export interface NodeGap {
  readonly startedMs: number
  readonly endedMs: number
  readonly reason: GapReason
}

export interface Bounds {
  readonly firstHourMs: number | null
  readonly firstMinuteMs: number | null
  /** Of the finest rows, which are kept for days. */
  readonly firstMs: number | null
  /** Of the last batch. */
  readonly atMs: number
  /** Up to where the node's energy is known; null when nothing is in the ten minutes before `atMs`. */
  readonly lastMs: number | null
}

export interface UseSum {
  readonly tenant: string
  readonly idleUj: number
  readonly dynamicUj: number
  /** Of all there are, also beyond `most`. */
  readonly count: number
}

export interface ConsumerSum extends UseSum {
  readonly kind: string
  readonly id: string
  readonly name: string
}

export interface TenantSum extends UseSum {
  /** Energy of all tenants. */
  readonly allUj: number
}

/** What a history shows of the ledger, as it is at one moment, while an agent writes it or not. The caller closes it. */
export class HistoryRows {
  readonly #db: Database.Database

  /** @throws StoreError as `openReadOnly`, and STORE_UNAVAILABLE for a ledger of an earlier version. */
  constructor(path: string) {
    this.#db = openReadOnly(path)
    try {
      requireFormat(this.#db, path)
      this.#db.exec('BEGIN')
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  close(): void {
    this.#db.close()
  }

  /** Null for a ledger that nothing was written to. */
  bounds(): Bounds | null {
    return this.#db.prepare<[], Bounds>(BOUNDS).get() ?? null
  }

  node(grain: Grain, step: number, span: LedgerSpan): NodeStep[] {
    return this.#db.prepare<[object], NodeStep>(nodeSteps(grain)).all({ step, ...span })
  }

  parts(grain: Grain, step: number, span: LedgerSpan): PartStep[] {
    return this.#db.prepare<[object], PartStep>(partSteps(grain)).all({ step, ...span })
  }

  corrections(span: LedgerSpan): Correction[] {
    return this.#db.prepare<[object], Correction>(CORRECTIONS).all(span)
  }

  /** The longest, in order of time, and how many there are. */
  gaps(span: LedgerSpan, most: number): { readonly longest: readonly NodeGap[]; readonly count: number } {
    const longest = this.#db.prepare<[object], NodeGap>(LONGEST_GAPS).all({ ...span, most })
    const count = this.#db.prepare<[object], number>(COUNT_GAPS).pluck().get(span) ?? 0
    return { longest: longest.sort((a, b) => a.startedMs - b.startedMs), count }
  }

  /** Those with the most energy. */
  consumers(span: LedgerSpan, most: number): ConsumerSum[] {
    return this.#db.prepare<[object], ConsumerSum>(CONSUMER_SUMS).all({ ...span, most })
  }

  tenants(span: LedgerSpan, most: number): TenantSum[] {
    return this.#db.prepare<[object], TenantSum>(TENANT_SUMS).all({ ...span, most })
  }

  /** True where the span cuts a day of which consumers are only kept as a whole. */
  cutsDay(span: LedgerSpan): boolean {
    return this.#db.prepare<[object], number>(CUT_DAY).pluck().get(span) !== undefined
  }
}
