import Database from 'better-sqlite3'
import type { LedgerState } from '../../model/batch.ts'
import { figuresOf } from '../../model/footprint.ts'
import type { LedgerTotals } from '../ledger-totals.ts'
import { TABLES_OF_REST } from '../schema/rest-column.ts'
import type { Settlement } from '../settlement/settlement.ts'
import { columnsOf } from '../settlement/sums.ts'
import { StoreError } from '../store-error.ts'
import { ChannelIds } from '../tables/channel-ids.ts'
import { SettlementTable } from '../tables/settlement-table.ts'
import { Totals } from '../tables/totals.ts'
import { identityOf } from './identity.ts'

/** Small enough to be checked at every start; damage here would falsify what is exported. */
const TABLES_OF_TOTALS = ['channel', 'counter', 'account', 'settlement', 'settled_total', ...TABLES_OF_REST]

/** @throws StoreError STORE_CORRUPT. A check of everything reads the whole file: some 4 ms per MB. */
export function assertSound(db: Database.Database, path: string, what: 'everything' | 'totals'): void {
  const isTable = db.prepare<[string], number>("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").pluck()
  // Of an earlier format, some do not exist yet.
  const tables = TABLES_OF_TOTALS.filter((table) => isTable.get(table) === 1)
  const checks = what === 'everything' ? ['1'] : tables.map((table) => `'${table}'`)
  for (const check of checks) {
    const verdict = db.pragma(`quick_check(${check})`, { simple: true })
    if (verdict !== 'ok') throw new StoreError('STORE_CORRUPT', `${path} is damaged: ${verdict}`)
  }
}

/** For a ledger that was closed. @throws StoreError STORE_CORRUPT when the end of the file is missing. */
export function assertWhole(db: Database.Database, path: string, sizeBytes: number): void {
  const pages = Number(db.pragma('page_count', { simple: true }))
  const expected = pages * Number(db.pragma('page_size', { simple: true }))
  if (sizeBytes < expected) throw new StoreError('STORE_CORRUPT', `${path} has ${sizeBytes} of ${expected} bytes`)
}

/** Damage to the text of the schema is no damage to SQLite. @throws StoreError STORE_CORRUPT. */
export function assertSchema(db: Database.Database, path: string, steps: readonly string[]): void {
  const query = "SELECT name, sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql IS NOT NULL"
  const stored = new Map(db.prepare<[], [string, string]>(query).raw().all())
  const model = new Database(':memory:')
  try {
    for (const step of steps.slice(0, identityOf(db).format)) model.exec(step)
    for (const [name, sql] of model.prepare<[], [string, string]>(query).raw().all()) {
      if (stored.get(name) !== sql) throw new StoreError('STORE_CORRUPT', `${path} is damaged: table ${name}`)
    }
  } finally {
    model.close()
  }
}

/** The totals of a damaged ledger, so that exported counters go on. Null when they are damaged too. */
export function salvageTotals(path: string): LedgerTotals | null {
  let db: Database.Database | undefined
  try {
    db = new Database(path, { readonly: true, fileMustExist: true })
    assertSound(db, path, 'totals')
    const { state, damage } = new Totals(db, new ChannelIds(db)).load() ?? { state: null, damage: null }
    const settlement = new SettlementTable(db).load()
    return state !== null && damage === null && isPossible(state, settlement) ? { state, settlement } : null
  } catch {
    return null
  } finally {
    db?.close()
  }
}

/** SQLite knows no CHECK constraints on a connection that only reads. */
function isPossible({ node, channels, carbon, attribution }: LedgerState, settlement: Settlement | null): boolean {
  const ofChannels = channels.flatMap((channel) => [channel.energyUj, channel.unaccountedNs])
  const ofCarbon = [
    ...Object.values(carbon.bookedUg).flatMap(Object.values<bigint>),
    ...Object.values(carbon.claimedUj),
  ]
  const split = [...(attribution?.consumers ?? []), ...(attribution?.tenants ?? [])]
  const ofTenants = [settlement?.settled, settlement?.late].flatMap((sums) =>
    sums ? [sums.node, ...sums.tenants] : [],
  )
  const ofAttribution = split.flatMap(({ idleUj, dynamicUj }) => [idleUj, dynamicUj])
  for (const { booked } of attribution?.consumers ?? []) ofAttribution.push(...figuresOf(booked))
  for (const { idleUj, dynamicUj, waitingUj } of attribution?.parts ?? [])
    ofAttribution.push(idleUj, dynamicUj, waitingUj)
  const ofNode = [...Object.values(node.energyUj), node.unaccountedNs]
  const totals = [...ofNode, ...ofChannels, ...ofCarbon, ...ofAttribution, ...ofTenants.flatMap(columnsOf)]
  return totals.every((total) => total >= 0n)
}
