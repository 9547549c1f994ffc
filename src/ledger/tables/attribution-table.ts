import type Database from 'better-sqlite3'
import type { AttributionState, ConsumerTotal } from '../../model/attribution.ts'
import type { ConsumerKind } from '../../model/consumer.ts'
import { figuresOf, footprintOf, NO_FOOTPRINT } from '../../model/footprint.ts'
import type { Part } from '../../model/part.ts'
import { FOOTPRINT_COLUMNS } from '../schema/consumer-tables.ts'
import { StoredRows } from './stored-rows.ts'

/** The state of attribution. Of hundreds of totals a flush writes those that it changed. */
export class AttributionTable {
  readonly #consumers: StoredRows
  readonly #tenants: StoredRows
  readonly #parts: StoredRows
  readonly #idle: StoredRows
  readonly #lastUse: StoredRows
  readonly #account: StoredRows
  readonly #allConsumers: Database.Statement<[], ConsumerRecord>
  readonly #allTenants: Database.Statement<[], TenantRecord>
  readonly #allParts: Database.Statement<[], PartRecord>
  readonly #allIdle: Database.Statement<[], { readonly leaf: string; readonly learned: string }>
  readonly #counts: Database.Statement<[], string>
  readonly #attributed: Database.Statement<[], bigint[]>

  constructor(db: Database.Database) {
    this.#consumers = new StoredRows(db, 'consumer_total', ['kind', 'id', 'tenant'])
    this.#tenants = new StoredRows(db, 'tenant_total', ['tenant'])
    this.#parts = new StoredRows(db, 'part_state_total', ['part'])
    this.#idle = new StoredRows(db, 'idle_power', ['leaf'])
    this.#lastUse = new StoredRows(db, 'last_use', ['last_use_id'])
    this.#account = new StoredRows(db, 'attribution', ['attribution_id'])
    this.#allConsumers = db.prepare<[], ConsumerRecord>('SELECT * FROM consumer_total').safeIntegers()
    this.#allTenants = db.prepare<[], TenantRecord>('SELECT * FROM tenant_total').safeIntegers()
    this.#allParts = db.prepare<[], PartRecord>('SELECT * FROM part_state_total').safeIntegers()
    this.#allIdle = db.prepare('SELECT * FROM idle_power')
    this.#counts = db.prepare<[], string>('SELECT counts FROM last_use').pluck()
    this.#attributed = db.prepare<[], bigint[]>('SELECT * FROM attribution').raw().safeIntegers()
  }

  save(state: AttributionState | null): void {
    const {
      consumers = [],
      tenants = [],
      parts = [],
      idle = {},
      attributedBooked = NO_FOOTPRINT,
      lastUse = '',
    } = state ?? {}
    this.#consumers.replace(consumers.map(rowOf))
    this.#tenants.replace(tenants.map(({ tenant, idleUj, dynamicUj }) => [tenant, idleUj, dynamicUj]))
    this.#parts.replace(parts.map((one) => [one.part, one.idleUj, one.dynamicUj, one.waitingUj]))
    this.#idle.replace(Object.entries(idle))
    this.#lastUse.replace(lastUse === '' ? [] : [[1n, lastUse]])
    this.#account.replace(state === null ? [] : [[1n, state.attributedUj, ...figuresOf(attributedBooked)]])
  }

  /** See `StoredRows.forget`. */
  forget(): void {
    for (const rows of [this.#consumers, this.#tenants, this.#parts, this.#idle, this.#lastUse, this.#account]) {
      rows.forget()
    }
  }

  /** Null where nobody splits the node's energy. */
  load(): AttributionState | null {
    const [, attributedUj, ...figures] = this.#attributed.get() ?? []
    if (attributedUj === undefined) return null
    return {
      consumers: this.#allConsumers.all().map(toTotal),
      tenants: this.#allTenants
        .all()
        .map(({ tenant, idle_uj: idleUj, dynamic_uj: dynamicUj }) => ({ tenant, idleUj, dynamicUj })),
      parts: this.#allParts.all().map(({ part, ...row }) => ({
        part,
        idleUj: row.idle_uj,
        dynamicUj: row.dynamic_uj,
        waitingUj: row.waiting_uj,
      })),
      attributedUj,
      attributedBooked: footprintOf(figures),
      lastUse: this.#counts.get() ?? '',
      idle: Object.fromEntries(this.#allIdle.all().map(({ leaf, learned }) => [leaf, learned])),
    }
  }
}

function rowOf({ consumer, tenant, idleUj, dynamicUj, booked, bornUnixMs, goneUnixMs }: ConsumerTotal) {
  const { kind, id, name, labels } = consumer
  const gone = goneUnixMs === null ? null : BigInt(Math.round(goneUnixMs))
  const born = BigInt(Math.round(bornUnixMs))
  return [kind, id, tenant, name, JSON.stringify(labels), idleUj, dynamicUj, born, gone, ...figuresOf(booked)]
}

interface TenantRecord {
  readonly tenant: string
  readonly idle_uj: bigint
  readonly dynamic_uj: bigint
}

interface PartRecord {
  readonly part: Part
  readonly idle_uj: bigint
  readonly dynamic_uj: bigint
  readonly waiting_uj: bigint
}

interface ConsumerRecord extends TenantRecord, Readonly<Record<(typeof FOOTPRINT_COLUMNS)[number], bigint>> {
  readonly kind: ConsumerKind
  readonly id: string
  readonly name: string
  readonly labels: string
  readonly born_unix_ms: bigint
  readonly gone_unix_ms: bigint | null
}

function toTotal({ kind, id, name, labels, tenant, ...row }: ConsumerRecord): ConsumerTotal {
  return {
    consumer: { kind, id, name, labels: JSON.parse(labels) },
    tenant,
    idleUj: row.idle_uj,
    dynamicUj: row.dynamic_uj,
    booked: footprintOf(FOOTPRINT_COLUMNS.map((column) => row[column])),
    bornUnixMs: Number(row.born_unix_ms),
    goneUnixMs: row.gone_unix_ms === null ? null : Number(row.gone_unix_ms),
  }
}
