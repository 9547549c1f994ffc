import { statSync } from 'node:fs'
import type Database from 'better-sqlite3'
import type { EventRow, LedgerBatch, LedgerState } from '../model/batch.ts'
import type { CarbonBooks } from '../model/carbon.ts'
import { nextNumbers, settledEmissions } from './emissions.ts'
import { IntensityCache } from './intensity-cache.ts'
import { type OpenedFile, type OpenOptions, openLedgerFile } from './ledger-file.ts'
import { LedgerWriter } from './ledger-writer.ts'
import { Retention, type RetentionOptions } from './retention.ts'

const HOUR_MS = 3_600_000

/** A ledger file in use, with all that dies with its connection. */
export class OpenLedger {
  readonly predecessor: OpenedFile['predecessor']
  readonly copy: OpenedFile['copy']
  readonly intensityCache: IntensityCache
  readonly #path: string
  readonly #db: Database.Database
  readonly #writer: LedgerWriter
  readonly #retention: Retention
  readonly #inode: bigint | undefined
  #prunedHour: number | null = null

  private constructor(path: string, opened: OpenedFile, retention: RetentionOptions) {
    this.predecessor = opened.predecessor
    this.copy = opened.copy
    this.intensityCache = new IntensityCache(opened.db)
    this.#path = path
    this.#db = opened.db
    this.#writer = new LedgerWriter(opened.db)
    this.#retention = new Retention(opened.db, retention)
    this.#inode = inodeOf(path)
  }

  static open(path: string, options: OpenOptions & RetentionOptions): OpenLedger {
    const opened = openLedgerFile(path, options)
    try {
      return new OpenLedger(path, opened, options)
    } catch (cause) {
      opened.db.close()
      throw cause
    }
  }

  loadState(): LedgerState | null {
    return this.#writer.loadState()
  }

  loadBooks(sinceUnixMs: number): CarbonBooks {
    return { emissions: settledEmissions(this.#db, sinceUnixMs), next: nextNumbers(this.#db) }
  }

  /** See `LedgerWriter.commit`. */
  commit(batches: readonly LedgerBatch[], events: readonly EventRow[], state: LedgerState | null): Error[] {
    return this.#writer.commit(batches, events, state)
  }

  /** Once an hour by the wall clock, and at every call while a pass has left something over. */
  prune(nowUnixMs: number): void {
    const hour = Math.floor(nowUnixMs / HOUR_MS)
    if (hour === this.#prunedHour) return
    this.#prunedHour = hour
    if (this.#retention.run(nowUnixMs)) this.#prunedHour = null
  }

  /** True when the name now leads to another file or none: what is written here would be lost without an error. */
  wasReplaced(): boolean {
    return inodeOf(this.#path) !== this.#inode
  }

  /** The database with its write-ahead log. */
  sizeBytes(): number {
    return sizeOf(this.#path) + sizeOf(`${this.#path}-wal`)
  }

  /** Moves the write-ahead log into the database, unless a reader is in the way. Never throws. */
  close(): void {
    try {
      this.#db.pragma('wal_checkpoint(TRUNCATE)')
    } catch {
      // The log stays, whole, for the next start.
    }
    this.#db.close()
  }
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
