import type Database from 'better-sqlite3'
import type { AttributionState, ConsumerTotal, TenantTotal } from '../../model/attribution.ts'
import { type ConsumerKind, consumerKey } from '../../model/consumer.ts'
import { isAlike } from './consumer-ids.ts'

interface Saved {
  readonly consumers: ReadonlyMap<string, ConsumerTotal>
  readonly tenants: ReadonlyMap<string, TenantTotal>
  readonly idle: ReadonlyMap<string, string>
  readonly attributedUj: bigint
}

const TABLES = ['consumer_total', 'tenant_total', 'idle_power', 'attribution']

/** The state of attribution. Of hundreds of totals a flush writes those that it changed. */
export class AttributionTable {
  readonly #clear: readonly Database.Statement[]
  readonly #putConsumer: Database.Statement
  readonly #dropConsumer: Database.Statement
  readonly #putTenant: Database.Statement
  readonly #dropTenant: Database.Statement
  readonly #putIdle: Database.Statement
  readonly #dropIdle: Database.Statement
  readonly #putAccount: Database.Statement
  readonly #consumers: Database.Statement<[], ConsumerRecord>
  readonly #tenants: Database.Statement<[], TenantRecord>
  readonly #idle: Database.Statement<[], { readonly leaf: string; readonly learned: string }>
  readonly #attributed: Database.Statement<[], bigint>
  /** What the tables hold; undefined while that is not known. */
  #saved: Saved | null | undefined

  constructor(db: Database.Database) {
    this.#clear = TABLES.map((table) => db.prepare(`DELETE FROM ${table}`))
    this.#putConsumer = db.prepare('INSERT OR REPLACE INTO consumer_total VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
    this.#dropConsumer = db.prepare('DELETE FROM consumer_total WHERE kind = ? AND id = ? AND tenant = ?')
    this.#putTenant = db.prepare('INSERT OR REPLACE INTO tenant_total VALUES (?, ?, ?)')
    this.#dropTenant = db.prepare('DELETE FROM tenant_total WHERE tenant = ?')
    this.#putIdle = db.prepare('INSERT OR REPLACE INTO idle_power VALUES (?, ?)')
    this.#dropIdle = db.prepare('DELETE FROM idle_power WHERE leaf = ?')
    this.#putAccount = db.prepare('INSERT OR REPLACE INTO attribution VALUES (1, ?)')
    this.#consumers = db.prepare<[], ConsumerRecord>('SELECT * FROM consumer_total').safeIntegers()
    this.#tenants = db.prepare<[], TenantRecord>('SELECT * FROM tenant_total').safeIntegers()
    this.#idle = db.prepare('SELECT * FROM idle_power')
    this.#attributed = db.prepare<[], bigint>('SELECT attributed_uj FROM attribution').pluck().safeIntegers()
  }

  save(state: AttributionState | null): void {
    const before = this.#saved
    if (before === undefined || state === null) {
      if (before !== null) for (const statement of this.#clear) statement.run()
      this.#saved = null
    }
    if (state === null) return
    const now: Saved = {
      consumers: new Map(state.consumers.map((total) => [totalKey(total), total])),
      tenants: new Map(state.tenants.map((total) => [total.tenant, total])),
      idle: new Map(Object.entries(state.idle)),
      attributedUj: state.attributedUj,
    }
    const { added, removed } = changesOf(before?.consumers, now.consumers, isSameTotal)
    for (const { consumer, tenant } of removed) this.#dropConsumer.run(consumer.kind, consumer.id, tenant)
    for (const total of added) this.#saveConsumer(total)
    const tenants = changesOf(before?.tenants, now.tenants, isSameEnergy)
    for (const { tenant } of tenants.removed) this.#dropTenant.run(tenant)
    for (const { tenant, idleUj, dynamicUj } of tenants.added) this.#putTenant.run(tenant, idleUj, dynamicUj)
    for (const leaf of before?.idle.keys() ?? []) if (!now.idle.has(leaf)) this.#dropIdle.run(leaf)
    for (const [leaf, text] of now.idle) if (before?.idle.get(leaf) !== text) this.#putIdle.run(leaf, text)
    if (before?.attributedUj !== now.attributedUj) this.#putAccount.run(now.attributedUj)
    this.#saved = now
  }

  /** A transaction was rolled back: what the tables hold is not known any more. */
  forget(): void {
    this.#saved = undefined
  }

  /** Null where nobody splits the node's energy. */
  load(): AttributionState | null {
    const attributedUj = this.#attributed.get()
    if (attributedUj === undefined) return null
    return {
      consumers: this.#consumers.all().map(toTotal),
      tenants: this.#tenants
        .all()
        .map(({ tenant, idle_uj: idleUj, dynamic_uj: dynamicUj }) => ({ tenant, idleUj, dynamicUj })),
      attributedUj,
      idle: Object.fromEntries(this.#idle.all().map(({ leaf, learned }) => [leaf, learned])),
    }
  }

  #saveConsumer({ consumer, tenant, idleUj, dynamicUj, bornUnixMs, goneUnixMs }: ConsumerTotal): void {
    const { kind, id, name, labels } = consumer
    const gone = goneUnixMs === null ? null : Math.round(goneUnixMs)
    const described = [kind, id, tenant, name, JSON.stringify(labels)]
    this.#putConsumer.run(...described, idleUj, dynamicUj, Math.round(bornUnixMs), gone)
  }
}

function totalKey({ consumer, tenant }: ConsumerTotal): string {
  return `${consumerKey(consumer)}\0${tenant}`
}

function changesOf<T>(before: ReadonlyMap<string, T> | undefined, now: ReadonlyMap<string, T>, isSame: Compare<T>) {
  const added = [...now].flatMap(([key, one]) => {
    const old = before?.get(key)
    return old !== undefined && isSame(old, one) ? [] : [one]
  })
  const removed = [...(before ?? [])].flatMap(([key, one]) => (now.has(key) ? [] : [one]))
  return { added, removed }
}

type Compare<T> = (a: T, b: T) => boolean

function isSameEnergy(a: TenantTotal, b: TenantTotal): boolean {
  return a.idleUj === b.idleUj && a.dynamicUj === b.dynamicUj
}

function isSameTotal(a: ConsumerTotal, b: ConsumerTotal): boolean {
  const isSameLife = a.bornUnixMs === b.bornUnixMs && a.goneUnixMs === b.goneUnixMs
  return a === b || (isSameEnergy(a, b) && isSameLife && isAlike(a.consumer, b.consumer))
}

interface TenantRecord {
  readonly tenant: string
  readonly idle_uj: bigint
  readonly dynamic_uj: bigint
}

interface ConsumerRecord extends TenantRecord {
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
    bornUnixMs: Number(row.born_unix_ms),
    goneUnixMs: row.gone_unix_ms === null ? null : Number(row.gone_unix_ms),
  }
}
