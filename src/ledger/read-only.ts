import { readFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { describeFailure, isCorruption } from './failure.ts'
import { assertOurs, hasContent, identityOf } from './identity.ts'
import { StoreError } from './store-error.ts'

/**
 * The ledger at `path` for queries, while an agent writes it or not. The caller closes it. Read µJ with `safeIntegers`.
 * @throws StoreError STORE_UNAVAILABLE, STORE_FOREIGN, STORE_NEWER or STORE_CORRUPT.
 */
export function openReadOnly(path: string): Database.Database {
  let db: Database.Database | undefined
  try {
    db = open(path)
    assertOurs(identityOf(db), path)
    return db
  } catch (cause) {
    db?.close()
    if (cause instanceof StoreError) throw cause
    if (isCorruption(cause)) throw new StoreError('STORE_CORRUPT', `${path} is not a ledger, or damaged`, { cause })
    throw new StoreError(
      'STORE_UNAVAILABLE',
      `cannot read the ledger ${path}: ${describeFailure(cause)}. Only its owner and its group may read it`,
      { cause },
    )
  }
}

function open(path: string): Database.Database {
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout: 1000 })
  try {
    db.prepare('SELECT 1 FROM sqlite_schema').get()
    return db
  } catch (cause) {
    db.close()
    const code = cause instanceof Database.SqliteError ? cause.code : ''
    if (!/^SQLITE_(CANTOPEN|READONLY)/.test(code) || hasContent(`${path}-wal`)) throw cause
    return openCopy(path)
  }
}

/**
 * SQLite wants -shm even to read a database in WAL mode. Where no agent runs and the user may not write the directory,
 * there is none and it cannot be made: read a copy in memory, marked as not being in WAL mode
 * (https://sqlite.org/fileformat2.html, file format version numbers).
 */
function openCopy(path: string): Database.Database {
  const image = readFileSync(path)
  image.fill(1, 18, 20)
  return new Database(image, { readonly: true })
}
