import { chmodSync, type FSWatcher, statSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import Database from 'better-sqlite3'
import type { Holders } from '../../model/holders.ts'
import { unavailable } from '../failure.ts'
import { StoreError } from '../store-error.ts'
import { inodeOf } from './inode.ts'
import { assertRegular } from './irregular.ts'

/**
 * One writer per ledger. The lock is SQLite's own exclusive file lock on an empty database beside the ledger: the kernel
 * drops it when the process dies, however it dies, and readers of the ledger never meet it. A lock file that is deleted
 * is made and locked again at once, so that a second agent, which takes longer to start, does not find it free.
 */
export class LedgerLock {
  /** Of the one that held it before: of nobody else is anything known here. */
  readonly #before: string
  readonly #ledgerPath: string
  #held: Held
  #lost: StoreError | null = null
  #watcher: FSWatcher | null = null

  private constructor(ledgerPath: string) {
    this.#ledgerPath = ledgerPath
    this.#before = markOf(lockPathOf(ledgerPath))
    this.#held = lock(ledgerPath)
    this.#watch()
  }

  /** @throws StoreError STORE_LOCKED when another agent holds it, STORE_UNAVAILABLE when the file cannot be made. */
  static acquire(ledgerPath: string): LedgerLock {
    return new LedgerLock(ledgerPath)
  }

  /** By the lock file: whoever takes it changes its mode's time, also where the disk has no room for a byte. */
  get holders(): Holders {
    return { own: this.#held.mark, before: this.#before }
  }

  /**
   * Before each write: takes the lock again where its file was deleted.
   * @throws StoreError STORE_LOCKED for good once another agent was faster, since both have counted since; STORE_UNAVAILABLE.
   */
  assertHeld(): void {
    if (this.#lost !== null) throw this.#lost
    if (inodeOf(lockPathOf(this.#ledgerPath)) === this.#held.inode) return
    const former = this.#held
    try {
      this.#held = lock(this.#ledgerPath)
    } catch (cause) {
      if (!(cause instanceof StoreError && cause.code === 'STORE_LOCKED')) throw cause
      const text =
        `the lock file of the ledger ${this.#ledgerPath} was deleted, another agent took the ledger over, and this one ` +
        `writes no more. Stop one of the two, and restart the other`
      this.#lost = new StoreError('STORE_LOCKED', text, { cause })
      throw this.#lost
    }
    former.db.close()
  }

  /**
   * The file stays: were it unlinked, a second agent could lock a new file of that name while a third had just locked
   * the old one.
   */
  release(): void {
    this.#watcher?.close()
    this.#held.db.close()
  }

  #watch(): void {
    const lockName = basename(lockPathOf(this.#ledgerPath))
    try {
      this.#watcher = watch(dirname(this.#ledgerPath), { persistent: false }, (_, name) => {
        if (name === lockName) this.#restore()
      })
      this.#watcher.on('error', () => this.#watcher?.close())
    } catch {
      // No inotify instance left: the next write restores it.
    }
  }

  #restore(): void {
    try {
      this.assertHeld()
    } catch {
      // The next write says why.
    }
  }
}

interface Held {
  readonly db: Database.Database
  readonly inode: bigint | undefined
  readonly mark: string
}

function lock(ledgerPath: string): Held {
  const path = lockPathOf(ledgerPath)
  assertRegular(path, ledgerPath)
  let db: Database.Database | undefined
  try {
    db = new Database(path, { timeout: 0 })
    // SQLite has memory for twenty pages at once, and 4 KiB are its usual ones.
    db.pragma('page_size = 512')
    // Nothing is ever written, and a journal would take room that a full disk has not.
    db.pragma('journal_mode = MEMORY')
    db.exec('BEGIN EXCLUSIVE')
    chmodSync(path, 0o640)
    return { db, inode: inodeOf(path), mark: markOf(path) }
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

function markOf(path: string): string {
  const { ino, ctimeNs } = statSync(path, { bigint: true, throwIfNoEntry: false }) ?? {}
  return ino === undefined ? '' : `${ino} ${ctimeNs}`
}

export function lockPathOf(ledgerPath: string): string {
  return `${ledgerPath}.lock`
}
