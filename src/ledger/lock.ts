import { chmodSync } from 'node:fs'
import Database from 'better-sqlite3'
import { unavailable } from './failure.ts'
import { StoreError } from './store-error.ts'

/**
 * One writer per ledger. The lock is SQLite's own exclusive file lock on an empty database beside the ledger: the kernel
 * drops it when the process dies, however it dies, and readers of the ledger never meet it.
 */
export class LedgerLock {
  readonly #db: Database.Database

  private constructor(db: Database.Database) {
    this.#db = db
  }

  /** @throws StoreError STORE_LOCKED when another agent holds it, STORE_UNAVAILABLE when the file cannot be made. */
  static acquire(ledgerPath: string): LedgerLock {
    const path = lockPathOf(ledgerPath)
    let db: Database.Database | undefined
    try {
      db = new Database(path, { timeout: 0 })
      db.exec('BEGIN EXCLUSIVE')
      chmodSync(path, 0o640)
      return new LedgerLock(db)
    } catch (cause) {
      db?.close()
      if (!(cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY'))) {
        throw unavailable(ledgerPath, cause)
      }
      throw new StoreError(
        'STORE_LOCKED',
        `another agent is writing the ledger ${ledgerPath}. Stop it, or give this one another paths.state; ` +
          `its process: fuser -v ${path}`,
        { cause },
      )
    }
  }

  /**
   * The file stays: were it unlinked, a second agent could lock a new file of that name while a third had just locked
   * the old one.
   */
  release(): void {
    this.#db.close()
  }
}

export function lockPathOf(ledgerPath: string): string {
  return `${ledgerPath}.lock`
}
