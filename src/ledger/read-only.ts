import { readFileSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { describeFailure, isCorruption, isFull, roomFor } from './failure.ts'
import { assertOurs, hasContent, identityOf } from './file/identity.ts'
import { assertRegular } from './file/irregular.ts'
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
    if (!isCorruption(cause)) throw new StoreError('STORE_UNAVAILABLE', unreadable(path, cause), { cause })
    const text = `${path} is not a ledger, or damaged. The agent moves it aside when it starts, and begins a new one`
    throw new StoreError('STORE_CORRUPT', text, { cause })
  }
}

function unreadable(path: string, cause: unknown): string {
  if (isMissing(path))
    return `there is no ledger ${path}: the agent makes it when it starts, in the folder of paths.state`
  if (cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY')) {
    return `the ledger ${path} is locked by a program other than the agent: end that program, or try again`
  }
  if (isFull(cause)) {
    return `cannot read the ledger ${path}: ${describeFailure(cause)}. ${roomFor(path)}`
  }
  const user = `user ${process.geteuid?.() ?? 'USER'}`
  return (
    `cannot read the ledger ${path}: ${describeFailure(cause)}. It is readable for its owner and its group: run this ` +
    `as root, or add ${user} to that group, which is wattledger for the service`
  )
}

/** False where its folder may not be searched. */
function isMissing(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined
  } catch {
    return false
  }
}

function open(path: string): Database.Database {
  assertRegular(path, path)
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
