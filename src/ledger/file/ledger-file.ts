import { statSync } from 'node:fs'
import type Database from 'better-sqlite3'
import type { RetentionOptions } from '../tables/retention.ts'
import { Tables } from '../tables/tables.ts'
import { inodeOf } from './inode.ts'
import type { Companion } from './kept-logs.ts'
import { type OpenedFile, type OpenOptions, openLedgerFile } from './opening.ts'
import { writeSuccessor } from './successor.ts'

const COMPANIONS: readonly Companion[] = ['-wal', '-shm']

/** A ledger file in use: its tables, its write-ahead log, and whether it still stands under its name. */
export class LedgerFile {
  readonly predecessor: OpenedFile['predecessor']
  readonly copy: OpenedFile['copy']
  readonly logs: OpenedFile['logs']
  readonly tables: Tables
  readonly #path: string
  readonly #db: Database.Database
  readonly #inode: bigint | undefined
  readonly #companions: ReadonlyMap<Companion, bigint | undefined>
  #hasSuccessor = false

  private constructor(path: string, opened: OpenedFile, retention: RetentionOptions) {
    this.predecessor = opened.predecessor
    this.copy = opened.copy
    this.logs = opened.logs
    this.tables = new Tables(opened.db, retention)
    this.#path = path
    this.#db = opened.db
    this.#inode = inodeOf(path)
    this.#companions = new Map(COMPANIONS.map((suffix) => [suffix, inodeOf(path + suffix)]))
  }

  static open(path: string, options: OpenOptions & RetentionOptions): LedgerFile {
    const opened = openLedgerFile(path, options)
    try {
      return new LedgerFile(path, opened, options)
    } catch (cause) {
      opened.db.close()
      throw cause
    }
  }

  /** True when the name now leads to another file or none: what is written here would be lost without an error. */
  wasReplaced(): boolean {
    return inodeOf(this.#path) !== this.#inode
  }

  /** The same of its log and the log's index: what is written here would be lost in a crash, and nobody else sees it. */
  lostCompanions(): Companion[] {
    return COMPANIONS.filter((suffix) => inodeOf(this.#path + suffix) !== this.#companions.get(suffix))
  }

  /** The database with its write-ahead log. */
  sizeBytes(): number {
    return sizeOf(this.#path) + this.logBytes()
  }

  /** The kernel holds the file as well, and a flush reads few pages: what all of a day's flushes read would stay. @throws SqliteError */
  releasePages(): void {
    this.#db.pragma('shrink_memory')
  }

  logBytes(): number {
    return sizeOf(`${this.#path}-wal`)
  }

  /** True when a reader's transaction keeps part of the log from being moved into the database. @throws SqliteError */
  isLogHeld(): boolean {
    const { log, checkpointed } = this.#checkpoint('PASSIVE')
    return checkpointed < log
  }

  /** Moves the log into the database, also one that has no name any more. False when a reader is in the way. @throws SqliteError */
  emptyLog(): boolean {
    return this.#checkpoint('TRUNCATE').busy === 0
  }

  #checkpoint(mode: 'PASSIVE' | 'TRUNCATE'): Checkpoint {
    const [checkpoint] = this.#db.pragma(`wal_checkpoint(${mode})`) as [Checkpoint]
    return checkpoint
  }

  /** See `writeSuccessor`. */
  writeSuccessor(): void {
    writeSuccessor(this.#db, this.#path)
    this.#hasSuccessor = true
  }

  /** Moves the write-ahead log into the database, unless a reader is in the way. Never throws. */
  close(): void {
    try {
      // With a successor it would wait in vain for the reader that is the cause.
      if (!this.#hasSuccessor) this.emptyLog()
    } catch {
      // The log stays, whole, for the next start.
    }
    this.#db.close()
  }
}

interface Checkpoint {
  readonly busy: 0 | 1
  /** Frames in the log, and of them those in the database. */
  readonly log: number
  readonly checkpointed: number
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
