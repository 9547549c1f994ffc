import Database from 'better-sqlite3'
import { STEPS } from '../schema/steps.ts'
import { assertOurs, hasContent, identityOfFile } from './identity.ts'
import { assertRegular } from './irregular.ts'
import { assertSound } from './soundness.ts'

/**
 * Reads a ledger that cannot be opened as usual, since the disk has no room for the index of its log: a connection that has the
 * ledger for itself keeps that in its own memory. Others cannot read the ledger meanwhile. Null where that would be of no use:
 * there is none, it is of an earlier format, or it has a log, which the disk had room for.
 * @throws StoreError, and what SQLite and `read` give.
 */
export function readAlone<Found>(path: string, read: (db: Database.Database) => Found): Found | null {
  assertRegular(path, path)
  if (!hasContent(path) || hasContent(`${path}-wal`)) return null
  const identity = identityOfFile(path)
  assertOurs(identity, path)
  if (identity.format !== STEPS.length) return null
  const db = new Database(path, { fileMustExist: true, timeout: 0 })
  try {
    db.pragma('locking_mode = EXCLUSIVE')
    assertSound(db, path, 'totals')
    return read(db)
  } finally {
    db.close()
  }
}
