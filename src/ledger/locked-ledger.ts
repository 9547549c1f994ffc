import { rmSync } from 'node:fs'
import { uptime } from 'node:os'
import { dirname, resolve } from 'node:path'
import type { EventRow } from '../model/batch.ts'
import type { CarbonBooks } from '../model/carbon.ts'
import type { Holders } from '../model/holders.ts'
import type { Logger } from '../model/logger.ts'
import { describeFailure, isFull, unavailable } from './failure.ts'
import { readAlone } from './file/alone.ts'
import { type Companion, type KeptLog, keepStrangeLog } from './file/kept-logs.ts'
import { LedgerFile } from './file/ledger-file.ts'
import { LedgerLock, lockPathOf } from './file/lock.ts'
import { LogBound, type LogBoundOptions } from './file/log-bound.ts'
import { ensureDirectory, setAside } from './file/opening.ts'
import { installSuccessor } from './file/successor.ts'
import type { LedgerTotals, StoredTotals } from './ledger-totals.ts'
import type { Note } from './note.ts'
import { StoreError, type StoreErrorCode } from './store-error.ts'
import type { RetentionOptions } from './tables/retention.ts'
import { Tables } from './tables/tables.ts'
import { TotalsKeeper } from './totals-copy/totals-keeper.ts'
import { TrustedClock } from './trusted-clock.ts'

/** The file belongs to someone else: not one byte of it, or beside it, is changed. */
const REFUSALS: ReadonlySet<StoreErrorCode> = new Set(['STORE_NEWER', 'STORE_FOREIGN'])

export interface LockedLedgerOptions extends RetentionOptions, LogBoundOptions {
  readonly path: string
  readonly logger: Logger
  readonly unixMs: () => number
  /** How long the machine is up, asleep or not. Default the kernel's. */
  readonly uptimeMs?: () => number
  /** How long another writer is waited for, with the event loop standing still. Default 1 s. */
  readonly busyTimeoutMs?: number
}

/** The ledger of a path while this agent holds its lock: whatever file stands under the name in the course of time. */
export class LockedLedger {
  readonly #options: LockedLedgerOptions
  readonly #path: string
  readonly #lock: LedgerLock
  readonly #totals: TotalsKeeper
  readonly #logBound: LogBound
  #clock: TrustedClock | null = null
  #file: LedgerFile | null = null
  #events: EventRow[] = []

  private constructor(options: LockedLedgerOptions, path: string, lock: LedgerLock) {
    this.#options = options
    this.#path = path
    this.#lock = lock
    this.#totals = new TotalsKeeper(path, this.#note)
    this.#logBound = new LogBound(path, options, this.#note)
  }

  /** Locks and opens the ledger; makes it if need be. @throws StoreError */
  static acquire(options: LockedLedgerOptions): { readonly held: LockedLedger; readonly totals: LedgerTotals | null } {
    const path = resolve(options.path)
    let held: LockedLedger | undefined
    try {
      ensureDirectory(dirname(path))
      held = new LockedLedger(options, path, LedgerLock.acquire(path))
      return { held, totals: held.#resume(held.#stored()) }
    } catch (cause) {
      if (held !== undefined) held.#closeAndUnlock()
      if (cause instanceof StoreError && REFUSALS.has(cause.code)) rmSync(lockPathOf(path), { force: true })
      throw unavailable(path, cause)
    }
  }

  get holders(): Holders {
    return this.#lock.holders
  }

  /** What became of the file, for the ledger itself to tell. The caller clears it once it is written. */
  get events(): readonly EventRow[] {
    return this.#events
  }

  clearEvents(): void {
    this.#events = []
  }

  /**
   * The file to write to: opened, or made, again when it was given up or is gone.
   * @throws StoreError STORE_LOCKED when another agent has taken the lock meanwhile, and what opening gives.
   */
  file(): LedgerFile {
    this.#lock.assertHeld()
    if (this.#file?.wasReplaced()) {
      this.#closeFile()
      this.#note('ledger_replaced', `${this.#path} was moved or deleted while in use`)
    }
    const lost = this.#file?.lostCompanions() ?? []
    if (this.#file !== null && lost.length > 0) this.#rescueLog(this.#file, lost)
    this.#file ??= this.#openFile()
    return this.#file
  }

  /** Emissions that begin at or after a time. @throws what opening and SQLite give. */
  loadBooks(sinceUnixMs: number): CarbonBooks {
    return this.#read((tables) => tables.loadBooks(sinceUnixMs))
  }

  /** Keeps the totals that were written beside the ledger. Never throws. */
  keepTotals(totals: LedgerTotals): void {
    this.#totals.keep(totals, this.#clock?.nowUnixMs() ?? totals.state.atUnixMs)
  }

  /** After a write: see `LogBound`. Never throws. */
  boundLog(): void {
    if (this.#file === null || !this.#logBound.isReached(this.#file)) return
    try {
      this.#file.writeSuccessor()
      this.#moveToSuccessor()
      const text = `${this.#path} was copied to a new file without it, and programs that have the old one open must open it anew`
      this.#note('ledger_rewritten', `a reader kept the write-ahead log from being emptied: ${text}`, 'warn')
    } catch (cause) {
      this.#logBound.postpone(describeFailure(cause))
    }
  }

  /** @throws what opening and SQLite give. */
  prune(): void {
    const nowUnixMs = this.#clock?.nowUnixMs()
    if (nowUnixMs !== undefined) this.file().tables.prune(nowUnixMs)
  }

  /** Puts a file that turned out to be damaged aside. Whoever holds the totals goes on with them. Never throws. */
  giveUpFile(): void {
    if (this.#file === null) return
    this.#closeFile()
    this.#attemptToKeep(() => {
      this.#note('ledger_replaced', `the damaged ledger was kept as ${setAside(this.#path, this.#options.unixMs())}`)
    })
  }

  /** Never rejects. */
  async release(): Promise<void> {
    await this.#totals.settle()
    this.#closeAndUnlock()
  }

  #closeAndUnlock(): void {
    this.#closeFile()
    this.#lock.release()
  }

  #stored(): StoredTotals | null {
    const stored = this.#read((tables) => tables.loadTotals())
    const saved = this.#file?.predecessor?.totals ?? null
    return stored ?? (saved && { ...saved, damage: null })
  }

  /** On a full disk as well: an agent that goes on from its ledger can write once there is room. */
  #read<Found>(read: (tables: Tables) => Found): Found {
    try {
      return read(this.file().tables)
    } catch (cause) {
      if (!isFull(cause)) throw cause
      const found = readAlone(this.#path, (db) => ({ found: read(new Tables(db, this.#options)) }))
      if (found === null) throw cause
      return found.found
    }
  }

  #resume(stored: StoredTotals | null): LedgerTotals | null {
    const { totals, trustedUnixMs } = this.#totals.check(stored)
    const { unixMs, uptimeMs = () => uptime() * 1000, logger } = this.#options
    this.#clock = new TrustedClock(trustedUnixMs ?? totals?.state.atUnixMs ?? null, unixMs, uptimeMs, logger)
    return totals
  }

  /** The connection still has the log that lost its name, and with it all that was written. @throws SqliteError */
  #rescueLog(file: LedgerFile, lost: readonly Companion[]): void {
    if (file.emptyLog()) {
      this.#closeFile()
    } else {
      file.writeSuccessor()
      this.#moveToSuccessor()
    }
    const names = lost.map((suffix) => this.#path + suffix).join(' and ')
    this.#note('ledger_wal_replaced', `${names} was moved or deleted while in use; all that it held is in the ledger`)
  }

  #openFile(): LedgerFile {
    const nowUnixMs = this.#options.unixMs()
    const file = LedgerFile.open(this.#path, { busyTimeoutMs: 1000, ...this.#options, nowUnixMs })
    if (file.predecessor !== null) {
      const { path, totals } = file.predecessor
      const fate = totals === null ? 'its totals could not be read' : 'its totals were whole'
      this.#note('ledger_replaced', `the damaged ledger was kept as ${path}; ${fate}`)
    }
    if (file.copy !== null) {
      this.#note('ledger_migrated', `the ledger in its former format was kept as ${file.copy}`, 'info')
    }
    this.#tellOfLogs(file.logs)
    return file
  }

  #moveToSuccessor(): void {
    this.#closeFile()
    installSuccessor(this.#path)
  }

  /** Never throws. SQLite deletes what stands at the name of the log, whether or not it is the log. */
  #closeFile(): void {
    const file = this.#file
    if (file === null) return
    this.#file = null
    this.#attemptToKeep(() => {
      this.#tellOfLogs(keepStrangeLog(this.#path, file.lostCompanions(), this.#options.unixMs()))
    })
    file.close()
  }

  #attemptToKeep(step: () => void): void {
    try {
      step()
    } catch (cause) {
      this.#options.logger.error({ event: 'ledger_set_aside_failed', err: cause }, describeFailure(cause))
    }
  }

  #tellOfLogs(logs: readonly KeptLog[]): void {
    for (const { from, path, reason } of logs) {
      this.#note('ledger_wal_set_aside', `${from} was kept as ${path}: ${reason}`)
    }
  }

  readonly #note: Note = (what, detail, level = 'error') => {
    this.#options.logger[level]({ event: what, path: this.#path }, detail)
    this.#events.push({ atUnixMs: this.#options.unixMs(), what, detail })
  }
}
