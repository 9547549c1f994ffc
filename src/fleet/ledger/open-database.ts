import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { FleetFault } from '../fleet-fault.ts'

const BUSY_MS = 10_000

/** What a file of the fleet's ledger is. */
export interface DatabaseKind {
  /** `a ledger of a fleet` */
  readonly name: string
  readonly applicationId: number
  readonly format: number
  readonly schema: string
  /** What makes a file of an earlier format one of the next, the first one first. */
  readonly steps: readonly string[]
  /** What helps where it cannot be used. */
  readonly remedy: string
}

/** Opens a file of the fleet's ledger, and makes it if it is not there. Throws a FleetFault. */
export function openDatabase(
  path: string,
  kind: DatabaseKind,
  prepare: (db: Database.Database) => void = () => {},
): Database.Database {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 })
    const db = new Database(path, { timeout: BUSY_MS })
    db.pragma('journal_mode = WAL')
    db.transaction(() => {
      bringToFormat(db, path, kind)
      prepare(db)
    }).immediate()
    // By now it is one of ours, and no file of others that was named by mistake.
    chmodSync(path, 0o640)
    return db
  } catch (cause) {
    if (cause instanceof FleetFault) throw cause
    throw new FleetFault('FLEET_LEDGER', `cannot use ${path}: ${(cause as Error).message}. ${kind.remedy}`, { cause })
  }
}

function bringToFormat(db: Database.Database, path: string, kind: DatabaseKind): void {
  const { name, applicationId, format, schema, steps, remedy } = kind
  const number = (pragma: string) => Number(db.pragma(pragma, { simple: true }))
  const isEmpty = db.prepare('SELECT 1 FROM sqlite_schema').get() === undefined
  if (isEmpty && number('application_id') === 0) {
    db.exec(schema)
    db.pragma(`application_id = ${applicationId}`)
  } else {
    if (number('application_id') !== applicationId)
      throw new FleetFault('FLEET_LEDGER', `${path} is no ${name}: move it away`)
    const found = number('user_version')
    if (found < 1 || found > format) throw new FleetFault('FLEET_LEDGER', `${path} is of another version. ${remedy}`)
    for (const step of steps.slice(found - 1)) db.exec(step)
  }
  db.pragma(`user_version = ${format}`)
}
