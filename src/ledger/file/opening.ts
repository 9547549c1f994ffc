import { accessSync, constants, existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { isCorruption } from '../failure.ts'
import type { LedgerTotals } from '../ledger-totals.ts'
import { APPLICATION_ID, STEPS } from '../schema/steps.ts'
import { StoreError } from '../store-error.ts'
import { assertOurs, hasContent, identityOf, identityOfFile } from './identity.ts'
import { assertRegular } from './irregular.ts'
import { asideName, type KeptLog, keepBadLog, keepIrregular, keepOrphanLogs } from './kept-logs.ts'
import { createEmpty, migrate, refreshViews } from './migration.ts'
import { assertSchema, assertSound, assertWhole, salvageTotals } from './soundness.ts'
import { installSuccessor, removeDraft, syncDirectoryOf } from './successor.ts'

export interface OpenOptions {
  /** How long a statement waits for another writer; the event loop stands still meanwhile. */
  readonly busyTimeoutMs: number
  readonly nowUnixMs: number
  readonly steps?: readonly string[]
}

export interface OpenedFile {
  readonly db: Database.Database
  /** The damaged predecessor that was found in its place. */
  readonly predecessor: { readonly path: string; readonly totals: LedgerTotals | null } | null
  /** The copy made before a migration. */
  readonly copy: string | null
  /** Logs beside it that could not be replayed, or not wholly. */
  readonly logs: readonly KeptLog[]
}

/** Above this size a full check would hold up the start for more than about a second. */
const FULL_CHECK_BYTES = 256 * 2 ** 20

/** Each flush writes some fifteen pages of which a row or two have changed: 4 KiB would be four times as much. */
export const PAGE_BYTES = 1024

/** Opens the ledger for writing; makes it if absent, and if damaged after having put the damaged one aside. */
export function openLedgerFile(path: string, options: OpenOptions): OpenedFile {
  let predecessor: OpenedFile['predecessor'] = null
  assertRegular(path, path)
  const logs = keepIrregular(path, options.nowUnixMs)
  installSuccessor(path)
  if (hasContent(path)) {
    try {
      return { ...openExisting(path, options, logs), predecessor, logs }
    } catch (cause) {
      if (!isCorruption(cause)) throw cause
      const totals = salvageTotals(path)
      predecessor = { path: setAside(path, options.nowUnixMs), totals }
    }
  }
  logs.push(...keepOrphanLogs(path, options.nowUnixMs))
  createLedgerFile(path, options.steps)
  return { ...openExisting(path, options, logs), predecessor, logs }
}

/** Renames the ledger with its -wal and -shm to `<path>.corrupt-<UTC time>`, which it returns. */
export function setAside(path: string, nowUnixMs: number): string {
  const aside = asideName(path, nowUnixMs)
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix)
  }
  return aside
}

/** Built aside and renamed, so that a ledger under its own name is always a whole one. */
function createLedgerFile(path: string, steps: readonly string[] = STEPS): void {
  const draft = `${path}.new`
  removeDraft(draft)
  createEmpty(draft)
  const db = new Database(draft)
  try {
    db.pragma(`page_size = ${PAGE_BYTES}`)
    db.pragma('auto_vacuum = INCREMENTAL')
    db.pragma(`application_id = ${APPLICATION_ID}`)
    migrate(db, draft, steps)
    refreshViews(db)
    db.pragma('journal_mode = WAL')
  } finally {
    db.close()
  }
  renameSync(draft, path)
  syncDirectoryOf(path)
}

function openExisting(path: string, options: OpenOptions, logs: KeptLog[]): Pick<OpenedFile, 'db' | 'copy'> {
  const steps = options.steps ?? STEPS
  const identity = identityOfFile(path)
  assertOurs(identity, path, steps.length)
  if (!identity.hasKnownFormats)
    throw new StoreError('STORE_CORRUPT', `${path} is damaged: its header has no known format`)
  // SQLite opens what it may not write for reading only, without complaint.
  accessSync(path, constants.W_OK)
  logs.push(...keepBadLog(path, identity.pageBytes, options.nowUnixMs))
  // A write-ahead log with content: the last writer was killed, or a reader outlived it.
  const leftOpen = hasContent(`${path}-wal`)
  const sizeBytes = statSync(path).size
  const db = new Database(path, { fileMustExist: true, timeout: options.busyTimeoutMs })
  try {
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('journal_size_limit = 8388608')
    // A page is written to the database once for all times that it stands in the log.
    db.pragma('wal_autocheckpoint = 5120')
    // KiB. The kernel holds the file as well, and 4 MiB made nothing quicker and no log shorter.
    db.pragma('cache_size = -1024')
    db.pragma('temp_store = MEMORY')
    assertOurs(identityOf(db), path, steps.length)
    if (!leftOpen) assertWhole(db, path, sizeBytes)
    assertSound(db, path, leftOpen && sizeBytes <= FULL_CHECK_BYTES ? 'everything' : 'totals')
    assertSchema(db, path, steps)
    const copy = migrate(db, path, steps)
    refreshViews(db)
    return { db, copy }
  } catch (cause) {
    db.close()
    throw cause
  }
}

/**
 * Makes a directory with its parents. Not by `recursive: true`, which never returns where the kernel answers ENOENT
 * under a parent that exists, as in /proc.
 * @throws what stat(2) and mkdir(2) give.
 */
export function ensureDirectory(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return
  ensureDirectory(dirname(directory))
  mkdirSync(directory, 0o750)
}
