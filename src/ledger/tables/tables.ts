import type Database from 'better-sqlite3'
import type { EventRow, LedgerBatch, LedgerState } from '../../model/batch.ts'
import type { CarbonBooks } from '../../model/carbon.ts'
import { channelKey } from '../../model/channel.ts'
import { isRejection } from '../failure.ts'
import { ChannelIds } from './channel-ids.ts'
import { Emissions, nextNumbers, settledEmissions } from './emissions.ts'
import { GapsAndEvents } from './gaps-and-events.ts'
import { IntensityCache } from './intensity-cache.ts'
import { Retention, type RetentionOptions } from './retention.ts'
import { Rows } from './rows.ts'
import { Spans } from './spans.ts'
import { Totals } from './totals.ts'
import { Windows } from './windows.ts'

/** The tables of an open ledger: batches go in, and what a start needs comes out. */
export class Tables {
  readonly intensityCache: IntensityCache
  readonly windows: Windows
  readonly spans: Spans
  readonly #db: Database.Database
  readonly #ids: ChannelIds
  readonly #rows: Rows
  readonly #gapsAndEvents: GapsAndEvents
  readonly #emissions: Emissions
  readonly #totals: Totals
  readonly #retention: Retention

  constructor(db: Database.Database, retention: RetentionOptions) {
    this.intensityCache = new IntensityCache(db)
    this.windows = new Windows(db)
    this.spans = new Spans(db)
    this.#db = db
    this.#ids = new ChannelIds(db)
    this.#rows = new Rows(db, this.#ids)
    this.#gapsAndEvents = new GapsAndEvents(db, this.#ids)
    this.#emissions = new Emissions(db)
    this.#totals = new Totals(db, this.#ids)
    this.#retention = new Retention(db, retention)
  }

  /**
   * All of it in one transaction: rows of every batch, the events, and the state. Returns why batches were refused
   * (values that SQLite cannot hold), so that one bad batch does not bar those after it.
   * @throws SqliteError when nothing was committed.
   */
  commit(batches: readonly LedgerBatch[], events: readonly EventRow[], state: LedgerState | null): Error[] {
    const rejections: Error[] = []
    const addInSavepoint = this.#db.transaction((batch: LedgerBatch) => this.#add(batch))
    const addAll = this.#db.transaction(() => {
      for (const batch of batches) {
        try {
          addInSavepoint(batch)
        } catch (cause) {
          if (!(cause instanceof Error && isRejection(cause))) throw cause
          this.#forget()
          rejections.push(cause)
        }
      }
      for (const event of events) this.#gapsAndEvents.addEvent(event)
      if (state !== null) this.#totals.save(state)
    })
    try {
      addAll.immediate()
    } catch (cause) {
      this.#forget()
      throw cause
    }
    return rejections
  }

  /** See `Retention.prune`. */
  prune(nowUnixMs: number): void {
    this.#retention.prune(nowUnixMs)
  }

  loadState(): LedgerState | null {
    return this.#totals.load()
  }

  loadBooks(sinceUnixMs: number): CarbonBooks {
    return { emissions: settledEmissions(this.#db, sinceUnixMs), next: nextNumbers(this.#db) }
  }

  #add(batch: LedgerBatch): void {
    for (const channel of batch.channels) this.#ids.describe(channelKey(channel), channel)
    for (const row of batch.channelRows) this.#rows.addChannel(row)
    for (const row of batch.nodeRows) this.#rows.addNode(row)
    for (const row of batch.partRows) this.#rows.addPart(row)
    for (const gap of batch.gaps) this.#gapsAndEvents.addGap(gap)
    for (const event of batch.events) this.#gapsAndEvents.addEvent(event)
    for (const row of batch.carbon.emissions) this.#emissions.put(row)
    for (const row of batch.carbon.restatements) this.#emissions.restate(row)
    for (const row of batch.windows ?? []) this.windows.put(row)
  }

  #forget(): void {
    this.#ids.forget()
    this.#emissions.forget()
  }
}
