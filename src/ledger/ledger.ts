import { dirname, resolve } from 'node:path'
import type { EventRow, LedgerBatch, LedgerHealth, LedgerState } from '../model/batch.ts'
import type { Component } from '../model/lifecycle.ts'
import type { Logger } from '../model/logger.ts'
import { BatchQueue } from './batch-queue.ts'
import { describeFailure, isCorruption, unavailable } from './failure.ts'
import { ensureDirectory, setAside } from './ledger-file.ts'
import { LedgerLock } from './lock.ts'
import { OpenLedger } from './open-ledger.ts'
import type { RetentionOptions } from './retention.ts'
import { StoreError, type StoreErrorCode } from './store-error.ts'

/** The file belongs to someone else: not one byte of it, or beside it, is changed. */
const REFUSALS: ReadonlySet<StoreErrorCode> = new Set(['STORE_NEWER', 'STORE_FOREIGN'])

export interface LedgerOptions extends RetentionOptions {
  readonly path: string
  readonly logger: Logger
  readonly unixMs: () => number
  /** Batches that may wait for the disk. Default 360: an hour of 10 s. */
  readonly queueLimit?: number
  /** How long another writer is waited for, with the event loop standing still. Default 1 s. */
  readonly busyTimeoutMs?: number
}

/**
 * The energy ledger in SQLite. One agent writes it, anyone may read it meanwhile. What `write` acknowledges survives a
 * power cut. While it cannot be written batches wait in memory, and the next write that succeeds brings them all.
 */
export class Ledger implements Component {
  readonly name = 'ledger'
  readonly #options: LedgerOptions
  readonly #path: string
  readonly #queue: BatchQueue
  #lock: LedgerLock | null = null
  #file: OpenLedger | null = null
  #restored: LedgerState | null = null
  #durable: LedgerState | null = null
  #failure: { readonly sinceUnixMs: number; readonly message: string } | null = null
  /** Happenings in the ledger itself, to be written with the next batch. */
  #events: EventRow[] = []
  #droppedBatches = 0
  #sizeBytes = 0

  constructor(options: LedgerOptions) {
    this.#options = options
    this.#path = resolve(options.path)
    this.#queue = new BatchQueue(options.queueLimit ?? 360)
  }

  /** @throws StoreError when the ledger cannot be opened, or must not be. */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#lock !== null) return
    try {
      ensureDirectory(dirname(this.#path))
      this.#lock = LedgerLock.acquire(this.#path)
      const file = this.#usableFile()
      this.#restored = file.loadState() ?? file.predecessor?.totals ?? null
      this.#durable = this.#restored
    } catch (cause) {
      if (cause instanceof StoreError && REFUSALS.has(cause.code)) this.#lock?.withdraw()
      else this.#lock?.release()
      this.#lock = null
      throw unavailable(this.#path, cause)
    }
    this.#attempt(() => this.#flush())
    this.#attempt(() => this.#prune())
    this.#log.info({ event: 'ledger_opened', path: this.#path, sizeBytes: this.#sizeBytes }, 'ledger opened')
  }

  /** Tries to write what waits, then closes the file and leaves it to the next agent. */
  async stop(): Promise<void> {
    if (this.#lock === null) return
    if (this.#queue.batches.length > 0) this.#attempt(() => this.#flush())
    const batches = this.#queue.batches.length
    if (batches > 0)
      this.#log.error({ event: 'ledger_batches_lost', batches }, 'stopped before the ledger could be written')
    this.#close()
  }

  /** What the start found: totals, and where each counter stood, of every channel ever known. Null for a new ledger. */
  restore(): LedgerState | null {
    return this.#restored
  }

  /** The state of the last batch on disk, be it of this run or of an earlier one. */
  get durable(): LedgerState | null {
    return this.#durable
  }

  /** True when this batch and all that waited are on disk. What cannot be written is kept for the next call. Never throws. */
  write(batch: LedgerBatch): boolean {
    if (this.#queue.push(batch)) this.#droppedBatches++
    const written = this.#attempt(() => this.#flush())
    if (written) this.#attempt(() => this.#prune())
    return written
  }

  health(): LedgerHealth {
    return {
      writable: this.#file !== null && this.#failure === null,
      queuedBatches: this.#queue.batches.length,
      droppedBatches: this.#droppedBatches,
      sizeBytes: this.#sizeBytes,
      message: this.#failure?.message ?? null,
    }
  }

  get #log(): Logger {
    return this.#options.logger
  }

  #flush(): void {
    const file = this.#usableFile()
    const { batches } = this.#queue
    const nowUnixMs = this.#options.unixMs()
    const events = [...this.#events, ...this.#queue.dropEvents(nowUnixMs), ...this.#catchUpEvents(nowUnixMs)]
    const state = batches.at(-1)?.state ?? this.#durable
    for (const cause of file.commit(batches, events, state)) {
      this.#droppedBatches++
      this.#log.error({ event: 'ledger_batch_refused', err: cause }, `a batch was refused: ${describeFailure(cause)}`)
    }
    this.#durable = state
    this.#queue.clear()
    this.#events = []
    this.#sizeBytes = file.sizeBytes()
  }

  #prune(): void {
    this.#file?.prune(this.#options.unixMs())
  }

  #usableFile(): OpenLedger {
    if (this.#lock === null) throw new StoreError('STORE_UNAVAILABLE', `the ledger ${this.#path} is not started`)
    if (this.#file?.wasReplaced()) {
      this.#closeFile()
      this.#note('ledger_replaced', `${this.#path} was moved or deleted while in use`)
    }
    this.#file ??= this.#openFile()
    return this.#file
  }

  #openFile(): OpenLedger {
    const nowUnixMs = this.#options.unixMs()
    const file = OpenLedger.open(this.#path, { busyTimeoutMs: 1000, ...this.#options, nowUnixMs })
    if (file.predecessor !== null) {
      const totals =
        file.predecessor.totals === null ? 'Its totals could not be read and begin anew' : 'The totals go on'
      this.#note('ledger_replaced', `the damaged ledger was kept as ${file.predecessor.path}. ${totals}`)
    }
    if (file.copy !== null) this.#note('ledger_migrated', `the ledger in its former format was kept as ${file.copy}`)
    return file
  }

  /** Runs a step that may fail. Each outage is reported once when it begins and once when it is over. */
  #attempt(step: () => void): boolean {
    try {
      step()
    } catch (cause) {
      this.#fail(cause)
      return false
    }
    if (this.#failure !== null) this.#log.info({ event: 'ledger_recovered' }, 'the ledger is written again')
    this.#failure = null
    return true
  }

  #fail(cause: unknown): void {
    const nowUnixMs = this.#options.unixMs()
    const message = describeFailure(cause)
    if (this.#failure === null) {
      const text = `the ledger ${this.#path} cannot be written, postings wait in memory: ${message}`
      this.#log.error({ event: 'ledger_write_failed', err: cause }, text)
    }
    this.#failure = { sinceUnixMs: this.#failure?.sinceUnixMs ?? nowUnixMs, message }
    if (isCorruption(cause) && this.#file !== null) this.#abandonFile(nowUnixMs)
  }

  /** The next write makes a new ledger; the totals go on, for every batch holds them. */
  #abandonFile(nowUnixMs: number): void {
    this.#closeFile()
    try {
      this.#note(
        'ledger_replaced',
        `the damaged ledger was kept as ${setAside(this.#path, nowUnixMs)}. The totals go on`,
      )
    } catch (cause) {
      this.#log.error({ event: 'ledger_set_aside_failed', err: cause }, describeFailure(cause))
    }
  }

  #note(what: string, detail: string): void {
    this.#log.error({ event: what, path: this.#path }, detail)
    this.#events.push({ atUnixMs: this.#options.unixMs(), what, detail })
  }

  #catchUpEvents(atUnixMs: number): EventRow[] {
    if (this.#failure === null) return []
    const { sinceUnixMs, message } = this.#failure
    const since = new Date(sinceUnixMs).toISOString()
    const detail = `${this.#queue.batches.length} batches waited since ${since}: ${message}`
    return [{ atUnixMs, what: 'ledger_caught_up', detail }]
  }

  #closeFile(): void {
    this.#file?.close()
    this.#file = null
  }

  #close(): void {
    this.#closeFile()
    this.#lock?.release()
    this.#lock = null
  }
}
