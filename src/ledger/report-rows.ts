import type Database from 'better-sqlite3'
import type { LifeStage } from '../model/life-stage.ts'
import { identityOf } from './file/identity.ts'
import { openReadOnly } from './read-only.ts'
import {
  BOOKED_HOURS,
  CHANNELS,
  CONSUMER_DAYS,
  CUT_DAY,
  GAPS,
  METER_HOURS,
  NODE_HOURS,
  PART_HOURS,
  RESTATEMENTS,
  STAGES,
} from './report-sql.ts'
import { STEPS } from './schema/steps.ts'
import { StoreError } from './store-error.ts'

/*
 * What reports read of the ledger, in whole µJ, µg and µl. A span is of whole UTC hours, its end excluded.
 */

export interface LedgerSpan {
  readonly from: number
  readonly until: number
}

/** Masses and volumes; null where not known for all of the energy. Settled: as booked, plus what restatements changed. */
export interface Masses {
  readonly locationUg: bigint | null
  readonly marketUg: bigint | null
  readonly embodiedUg: bigint | null
  readonly siteWaterUl: bigint | null
  readonly gridWaterUl: bigint | null
}

export interface NodeHour extends Masses {
  readonly hour: bigint
  readonly measuredUj: bigint
  readonly derivedUj: bigint
  readonly estimatedUj: bigint
  readonly facilityUj: bigint
  readonly coveredMs: bigint
}

/** Standard uncertainty of what one meter measured in an hour. */
export interface MeterHour {
  readonly hour: bigint
  readonly meter: string
  readonly energyUj: bigint
  readonly uncertaintyUj: bigint
}

/** Bookings of an hour that had the same kind of figure; `figures` and the two bounds are of the figures in force. */
export interface BookedHour {
  readonly hour: bigint
  readonly account: string
  readonly instrument: string
  readonly basis: string
  readonly zone: string
  readonly source: string
  readonly status: string
  readonly dq: bigint
  readonly uncertaintyPpm: bigint
  readonly energyUj: bigint
  readonly co2eUg: bigint
  readonly facilityMj: number
  /** Σ g × relative standard uncertainty of the PUE. */
  readonly pueUg: number
  readonly leastMgPerKwh: bigint | null
  readonly mostMgPerKwh: bigint | null
}

export interface PartHour {
  readonly hour: bigint
  readonly part: string
  readonly measuredUj: bigint
  readonly derivedUj: bigint
  readonly estimatedUj: bigint
}

/** What a consumer has of a UTC day, as far as the span has it. */
export interface ConsumerDay extends Masses {
  readonly day: bigint
  readonly consumerId: bigint
  readonly kind: string
  readonly name: string
  readonly tenant: string
  readonly idleUj: bigint
  readonly dynamicUj: bigint
}

export interface RestatementSum {
  readonly account: string
  readonly wasSource: string
  readonly source: string
  readonly status: string
  readonly count: bigint
  readonly changeUg: bigint
  readonly firstMs: bigint
  readonly lastMs: bigint
}

/** What a stage of the machine's life comes to; null where not known for all of the time. */
export interface StageSum {
  readonly stage: LifeStage
  readonly source: string
  readonly ug: bigint | null
  readonly lowUg: bigint | null
  readonly highUg: bigint | null
}

export interface GapSum {
  /** Empty for the machine as a whole. */
  readonly device: string
  readonly reason: string
  readonly count: bigint
  readonly ms: bigint
  readonly firstMs: bigint
  readonly lastMs: bigint
}

export interface ChannelSum {
  readonly sensor: string
  readonly scope: string
  readonly device: string
  readonly quality: string | null
  readonly energyUj: bigint
  readonly coveredMs: bigint
}

/** The ledger as it is at one moment, while an agent writes it or not. The caller closes it. */
export class ReportRows {
  readonly #db: Database.Database

  /** @throws StoreError as `openReadOnly`, and STORE_UNAVAILABLE for a ledger of an earlier version. */
  constructor(path: string) {
    this.#db = openReadOnly(path)
    try {
      requireFormat(this.#db, path)
      this.#db.defaultSafeIntegers().exec('BEGIN')
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  close(): void {
    this.#db.close()
  }

  nodeHours(span: LedgerSpan): IterableIterator<NodeHour> {
    return this.#rows(NODE_HOURS, span)
  }

  meterHours(span: LedgerSpan): IterableIterator<MeterHour> {
    return this.#rows(METER_HOURS, span)
  }

  bookedHours(span: LedgerSpan): IterableIterator<BookedHour> {
    return this.#rows(BOOKED_HOURS, span)
  }

  partHours(span: LedgerSpan): IterableIterator<PartHour> {
    return this.#rows(PART_HOURS, span)
  }

  consumerDays(span: LedgerSpan): IterableIterator<ConsumerDay> {
    return this.#rows(CONSUMER_DAYS, span)
  }

  restatements(span: LedgerSpan): RestatementSum[] {
    return [...this.#rows<RestatementSum>(RESTATEMENTS, span)]
  }

  gaps(span: LedgerSpan): GapSum[] {
    return [...this.#rows<GapSum>(GAPS, span)]
  }

  /** In the order of a life; none where no making was booked. */
  stages(span: LedgerSpan): StageSum[] {
    return [...this.#rows<StageSum>(STAGES, span)]
  }

  channels(span: LedgerSpan): ChannelSum[] {
    return [...this.#rows<ChannelSum>(CHANNELS, span)]
  }

  /** Unix time of a day that can only be had as a whole and is cut by the span; null when there is none. */
  cutDay({ from, until }: LedgerSpan): number | null {
    const day = this.#db
      .prepare<[object], bigint>(CUT_DAY)
      .pluck()
      .get({ from: BigInt(from), until: BigInt(until) })
    return day === undefined ? null : Number(day)
  }

  /** Hours before this are closed; null in a ledger without a closed hour. */
  settledUntil(): number | null {
    const until = this.#db.prepare<[], bigint>('SELECT until_unix_ms FROM settlement').pluck().get()
    return until === undefined ? null : Number(until)
  }

  /** Beginning of the first hour with energy; null in an empty ledger. */
  firstHour(): number | null {
    const first = this.#db.prepare<[], bigint | null>('SELECT min(start_unix_ms) FROM node_hour').pluck().get()
    return first == null ? null : Number(first)
  }

  get format(): number {
    return identityOf(this.#db).format
  }

  #rows<Row>(sql: string, { from, until }: LedgerSpan): IterableIterator<Row> {
    return this.#db.prepare<[object], Row>(sql).iterate({ from: BigInt(from), until: BigInt(until) })
  }
}

/** @throws StoreError STORE_UNAVAILABLE for a ledger of an earlier version, which these queries do not know. */
export function requireFormat(db: Database.Database, path: string): void {
  const { format } = identityOf(db)
  if (format === STEPS.length) return
  throw new StoreError(
    'STORE_UNAVAILABLE',
    `${path} has ledger format ${format}, and this version reads format ${STEPS.length}: start the agent of this version, which brings it there`,
  )
}
