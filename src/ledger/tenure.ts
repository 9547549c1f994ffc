import { rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { EventRow, LedgerState } from '../model/batch.ts'
import type { Logger } from '../model/logger.ts'
import { describeFailure, unavailable } from './failure.ts'
import { ensureDirectory, setAside } from './ledger-file.ts'
import { LedgerLock, lockPathOf } from './lock.ts'
import { OpenLedger } from './open-ledger.ts'
import type { RetentionOptions } from './retention.ts'
import { StoreError, type StoreErrorCode } from './store-error.ts'

/** The file belongs to someone else: not one byte of it, or beside it, is changed. */
const REFUSALS: ReadonlySet<StoreErrorCode> = new Set(['STORE_NEWER', 'STORE_FOREIGN'])

export interface TenureOptions extends RetentionOptions {
  readonly path: string
  readonly logger: Logger
  readonly unixMs: () => number
  /** How long another writer is waited for, with the event loop standing still. Default 1 s. */
  readonly busyTimeoutMs?: number
}

/** One agent's hold on the ledger of a path: the lock, and whatever file stands under the name in the course of time. */
export class Tenure {
  readonly #options: TenureOptions
  readonly #path: string
  readonly #lock: LedgerLock
  #file: OpenLedger | null = null
  #events: EventRow[] = []

  private constructor(options: TenureOptions, path: string, lock: LedgerLock) {
    this.#options = options
    this.#path = path
    this.#lock = lock
  }

  /** Locks and opens the ledger; makes it if need be. @throws StoreError */
  static begin(options: TenureOptions): { readonly tenure: Tenure; readonly totals: LedgerState | null } {
    const path = resolve(options.path)
    let tenure: Tenure | undefined
    try {
      ensureDirectory(dirname(path))
      tenure = new Tenure(options, path, LedgerLock.acquire(path))
      const file = tenure.file()
      return { tenure, totals: file.loadState() ?? file.predecessor?.totals ?? null }
    } catch (cause) {
      tenure?.end()
      if (cause instanceof StoreError && REFUSALS.has(cause.code)) rmSync(lockPathOf(path), { force: true })
      throw unavailable(path, cause)
    }
  }

  /** What became of the file, for the ledger itself to tell. The caller clears it once it is written. */
  get events(): readonly EventRow[] {
    return this.#events
  }

  clearEvents(): void {
    this.#events = []
  }

  /** The file to write to: opened, or made, again when it was given up or is gone. @throws what opening gives. */
  file(): OpenLedger {
    if (this.#file?.wasReplaced()) {
      this.#closeFile()
      this.#note('ledger_replaced', `${this.#path} was moved or deleted while in use`)
    }
    this.#file ??= this.#openFile()
    return this.#file
  }

  /** Puts a file that turned out to be damaged aside. Whoever holds the totals goes on with them. Never throws. */
  giveUpFile(): void {
    if (this.#file === null) return
    this.#closeFile()
    try {
      this.#note('ledger_replaced', `the damaged ledger was kept as ${setAside(this.#path, this.#options.unixMs())}`)
    } catch (cause) {
      this.#options.logger.error({ event: 'ledger_set_aside_failed', err: cause }, describeFailure(cause))
    }
  }

  end(): void {
    this.#closeFile()
    this.#lock.release()
  }

  #openFile(): OpenLedger {
    const nowUnixMs = this.#options.unixMs()
    const file = OpenLedger.open(this.#path, { busyTimeoutMs: 1000, ...this.#options, nowUnixMs })
    if (file.predecessor !== null) {
      const { path, totals } = file.predecessor
      const fate = totals === null ? 'its totals could not be read' : 'its totals were whole'
      this.#note('ledger_replaced', `the damaged ledger was kept as ${path}; ${fate}`)
    }
    if (file.copy !== null) {
      this.#note('ledger_migrated', `the ledger in its former format was kept as ${file.copy}`, 'info')
    }
    return file
  }

  #closeFile(): void {
    this.#file?.close()
    this.#file = null
  }

  #note(what: string, detail: string, level: 'error' | 'info' = 'error'): void {
    this.#options.logger[level]({ event: what, path: this.#path }, detail)
    this.#events.push({ atUnixMs: this.#options.unixMs(), what, detail })
  }
}
