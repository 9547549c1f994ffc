import type { Settled } from '../model/attribution.ts'
import type { LedgerBatch, LedgerHealth, LedgerState } from '../model/batch.ts'
import type { CarbonBooks } from '../model/carbon.ts'
import type { FetchedFigure } from '../model/fetched-figure.ts'
import type { Holders } from '../model/holders.ts'
import type { LedgerSpan } from '../model/ledger-span.ts'
import type { Component } from '../model/lifecycle.ts'
import type { EndedWindow, WindowQuery, WindowRow } from '../model/window.ts'
import { BatchQueue } from './batch-queue.ts'
import { describeFailure, isCorruption, isRejection } from './failure.ts'
import { looksUnwritable } from './file/disk.ts'
import { KeptBatches } from './kept-batches.ts'
import { LockedLedger, type LockedLedgerOptions } from './locked-ledger.ts'
import { Outage, type OutageOptions } from './outage.ts'
import { type Settlement, settledOf } from './settlement/settlement.ts'
import { StoreError } from './store-error.ts'
import type { Tables } from './tables/tables.ts'
import { unfinishedWithWaiting, windowWithWaiting, withWaiting } from './waiting-books.ts'

const NOTHING: LedgerSpan = { resolutionMs: 0, rows: [], parts: [] }

export interface LedgerOptions extends LockedLedgerOptions, Pick<OutageOptions, 'nowNs'> {
  /** Batches that may wait for the disk. Default 60: an hour of minutes. */
  readonly queueLimit?: number
  /** A file in memory, for what `keep` is given; left out where there is none. */
  readonly kept?: string | undefined
}

/**
 * The energy ledger in SQLite. One agent writes it, anyone may read it meanwhile. What `write` acknowledges survives a
 * power cut. While it cannot be written batches wait in memory, and the next write that succeeds brings them all.
 */
export class Ledger implements Component {
  readonly name = 'ledger'
  /** What was fetched of intensities, oldest fetch first. Neither throws: nothing is loaded, or false says not saved. */
  readonly intensityCache = {
    load: (source: string): readonly FetchedFigure[] => this.#loadFetched(source),
    save: (source: string, figures: readonly FetchedFigure[]): boolean =>
      this.#isDone('intensity_cache_unwritten', (tables) => tables.intensityCache.save(source, figures)),
  }
  /** Measured windows. Nothing throws: what cannot be read is not there, what cannot be written waits for the next flush. */
  readonly windows = {
    write: (begun: readonly WindowRow[], ended: readonly EndedWindow[]): boolean =>
      this.#isDone('windows_unwritten', (tables) => tables.windows.write(begun, ended)),
    unfinished: (): readonly WindowRow[] => {
      const written = this.#read((tables) => tables.windows.unfinished(), [])
      return unfinishedWithWaiting(written, this.#queue.batches)
    },
    find: (id: string): WindowRow | null => {
      const written = this.#read((tables) => tables.windows.find(id), null)
      return windowWithWaiting(id, written, this.#queue.batches)
    },
    list: (query: WindowQuery): readonly WindowRow[] => this.#read((tables) => tables.windows.list(query), []),
    spanOf: (fromUnixMs: number, toUnixMs: number): LedgerSpan =>
      this.#read((tables) => tables.spans.of(fromUnixMs, toUnixMs), NOTHING),
  }
  readonly #options: LedgerOptions
  readonly #queue: BatchQueue
  readonly #kept: KeptBatches | null
  readonly #outage: Outage
  #held: LockedLedger | null = null
  #restored: LedgerState | null = null
  #durable: LedgerState | null = null
  #settlement: Settlement | null = null
  #settled: Settled | null = null
  /** What is written between flushes failed. Until the next one nothing is: each try may hold up everything while it waits for a lock. */
  #isAmiss = false
  #lostBatches = 0
  #sizeBytes = 0

  constructor(options: LedgerOptions) {
    this.#options = options
    this.#queue = new BatchQueue(options.queueLimit ?? 60)
    this.#outage = new Outage(options)
    this.#kept = options.kept === undefined ? null : new KeptBatches(options.kept, options.logger)
  }

  /** @throws StoreError when the ledger cannot be opened, or must not be. */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#held !== null) return
    const { held, totals } = LockedLedger.acquire(this.#options)
    this.#held = held
    this.#useSettlement(totals?.settlement ?? null)
    this.#durable = totals?.state ?? null
    const { path, logger } = this.#options
    const batches = this.#durable === null ? [] : (this.#kept?.load(this.#durable) ?? [])
    for (const batch of batches) this.#queue.push(batch)
    const isWritten = this.#flushAndPrune()
    if (batches.length > 0) {
      if (!isWritten) this.#kept?.goOn()
      const fate = isWritten ? 'is in the ledger' : 'waits on'
      const text = `what an earlier agent had not written ${fate}: ${batches.length} batches`
      logger.info({ event: 'ledger_batches_resumed', batches: batches.length }, text)
    }
    this.#restored = this.#queue.batches.at(-1)?.state ?? this.#durable
    const text = this.#outage.message === null ? 'ledger opened' : 'ledger read, and not written yet'
    logger.info({ event: 'ledger_opened', path, sizeBytes: this.#sizeBytes }, text)
  }

  /** Tries to write what waits, then closes the file and leaves it to the next agent. */
  async stop(): Promise<void> {
    const held = this.#held
    if (held === null) return
    if (this.#queue.batches.length > 0) this.#attempt(() => this.#flush())
    this.#outage.look(true)
    this.#tellOfOutages()
    const batches = this.#queue.batches.length
    const { logger } = this.#options
    if (batches > 0 && this.#kept?.leave()) {
      const text = 'stopped during an outage: what waits is kept in memory for the next start, until a reboot'
      logger.warn({ event: 'ledger_batches_left', batches }, text)
    } else if (batches > 0) logger.error({ event: 'ledger_batches_lost', batches }, 'stopped during an outage')
    this.#held = null
    await held.release()
  }

  /** What the start found, be it still to be written: totals, and where each counter stood, of every channel. Null for a new ledger. */
  restore(): LedgerState | null {
    return this.#restored
  }

  /** Emissions that begin at or after a time. @throws StoreError when it is not started, and what SQLite gives. */
  restoreBooks(sinceUnixMs: number): CarbonBooks {
    const held = this.#started
    try {
      return withWaiting(held.loadBooks(sinceUnixMs), this.#queue.batches, sinceUnixMs)
    } catch (cause) {
      // The start of a ledger that was closed checks the totals alone: this is where other damage shows first.
      if (!isCorruption(cause)) throw cause
      held.giveUpFile()
      this.#flushAndPrune()
      return withWaiting(held.file().tables.loadBooks(sinceUnixMs), this.#queue.batches, sinceUnixMs)
    }
  }

  /** The state of the last batch on disk, be it of this run or of an earlier one. */
  get durable(): LedgerState | null {
    return this.#durable
  }

  /** True when this batch and all that waited are on disk. What cannot be written is kept for the next call. Never throws. */
  write(batch: LedgerBatch): boolean {
    this.#queue.push(batch)
    if (this.#queue.dropped === 1) {
      this.#options.logger.error(
        { event: 'ledger_rows_dropped' },
        'the queue is full: of the oldest rows only the hours are kept',
      )
    }
    const isWritten = this.#flushAndPrune()
    if (!isWritten) this.#addKept(batch)
    return isWritten
  }

  /**
   * Keeps a batch for the next `write`, through a kill of this process. False when that `write` should not wait: the batch is
   * in this process's memory alone, or the disk took or looks as if it took no writes, which is to be told now. Never throws.
   */
  keep(batch: LedgerBatch): boolean {
    this.#queue.push(batch)
    return this.#addKept(batch) && !this.#isAmiss && !looksUnwritable(this.#options.path)
  }

  get holders(): Holders {
    return this.#held?.holders ?? { own: '', before: '' }
  }

  /** What the last closed hour left of the account; null before the first. */
  get settled(): Settled | null {
    return this.#settled
  }

  /** Hours before this are closed; null before the first batch. */
  get closedUntilUnixMs(): number | null {
    return this.#settlement?.untilUnixMs ?? null
  }

  health(): LedgerHealth {
    const { message } = this.#outage
    return {
      writable: this.#held !== null && message === null,
      // What is kept for the next flush does not wait.
      queuedBatches: message === null ? 0 : this.#queue.batches.length,
      droppedBatches: this.#lostBatches + this.#queue.dropped,
      sizeBytes: this.#sizeBytes,
      message,
    }
  }

  #loadFetched(source: string): readonly FetchedFigure[] {
    try {
      return this.#held?.file().tables.intensityCache.load(source) ?? []
    } catch (cause) {
      this.#outage.unread('intensity_cache_unread', cause)
      return []
    }
  }

  #read<Result>(read: (tables: Tables) => Result, otherwise: Result): Result {
    try {
      return this.#held === null ? otherwise : read(this.#held.file().tables)
    } catch (cause) {
      this.#outage.unread('ledger_unread', cause)
      return otherwise
    }
  }

  /** An outage is told of where postings are written, which it brings forward. */
  #isDone(event: string, write: (tables: Tables) => void): boolean {
    if (this.#held === null || this.#outage.message !== null || this.#isAmiss) return false
    try {
      write(this.#held.file().tables)
      return true
    } catch (cause) {
      this.#isAmiss = !isRejection(cause)
      this.#options.logger.debug({ event, err: cause }, describeFailure(cause))
      return false
    }
  }

  get #started(): LockedLedger {
    if (this.#held !== null) return this.#held
    throw new StoreError('STORE_UNAVAILABLE', `the ledger ${this.#options.path} is not started`)
  }

  #flushAndPrune(): boolean {
    this.#isAmiss = false
    this.#outage.look()
    const written = this.#attempt(() => this.#flush())
    if (written) this.#attempt(() => this.#held?.prune())
    this.#tellOfOutages()
    return written
  }

  /** That one is over is known once the ledger is written. */
  #tellOfOutages(): void {
    if (this.#outage.events.length > 0) this.#attempt(() => this.#flush())
  }

  #flush(): void {
    const held = this.#started
    const file = held.file()
    const { batches, dropped } = this.#queue
    const state = batches.at(-1)?.state ?? this.#durable
    const { rejections, settlement } = file.tables.commit({
      waiting: this.#queue,
      events: [...held.events, ...this.#outage.events, ...this.#queue.dropEvents(this.#options.unixMs())],
      state,
      settlement: this.#settlement,
    })
    this.#durable = state
    this.#useSettlement(settlement)
    this.#queue.clear()
    this.#kept?.clear()
    held.clearEvents()
    this.#outage.clearEvents()
    if (state !== null) held.keepTotals({ state, settlement })
    file.releasePages()
    held.boundLog()
    this.#lostBatches += dropped + rejections.length
    this.#sizeBytes = file.sizeBytes()
    for (const cause of rejections) {
      const text = `a batch can never be written and was left out: ${describeFailure(cause)}`
      this.#options.logger.error({ event: 'ledger_batch_refused', err: cause }, text)
    }
  }

  #addKept(batch: LedgerBatch): boolean {
    return this.#durable !== null && (this.#kept?.add(batch, this.#durable) ?? false)
  }

  #useSettlement(settlement: Settlement | null): void {
    if (settlement !== null && settlement.settled !== this.#settlement?.settled) this.#settled = settledOf(settlement)
    this.#settlement = settlement
  }

  /** Runs a step that may fail. */
  #attempt(step: () => void): boolean {
    const waiting = this.#queue.batches.length
    try {
      step()
    } catch (cause) {
      this.#outage.failed(cause)
      if (isCorruption(cause)) this.#held?.giveUpFile()
      return false
    }
    this.#outage.over(waiting)
    return true
  }
}
