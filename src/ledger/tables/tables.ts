import type Database from 'better-sqlite3'
import type { EventRow, LedgerBatch, LedgerState } from '../../model/batch.ts'
import { channelKey } from '../../model/channel.ts'
import { isRejection } from '../failure.ts'
import { ChannelIds } from './channel-ids.ts'
import { Emissions } from './emissions.ts'
import { Facts } from './gaps-and-events.ts'
import { Rows } from './rows.ts'
import { Totals } from './totals.ts'

/** Puts batches into an open ledger. */
export class LedgerWriter {
  readonly #db: Database.Database
  readonly #ids: ChannelIds
  readonly #rows: Rows
  readonly #facts: Facts
  readonly #emissions: Emissions
  readonly #totals: Totals

  constructor(db: Database.Database) {
    this.#db = db
    this.#ids = new ChannelIds(db)
    this.#rows = new Rows(db, this.#ids)
    this.#facts = new Facts(db, this.#ids)
    this.#emissions = new Emissions(db)
    this.#totals = new Totals(db, this.#ids)
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
      for (const event of events) this.#facts.addEvent(event)
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

  loadState(): LedgerState | null {
    return this.#totals.load()
  }

  #add(batch: LedgerBatch): void {
    for (const channel of batch.channels) this.#ids.describe(channelKey(channel), channel)
    for (const row of batch.channelRows) this.#rows.addChannel(row)
    for (const row of batch.nodeRows) this.#rows.addNode(row)
    for (const row of batch.partRows) this.#rows.addPart(row)
    for (const gap of batch.gaps) this.#facts.addGap(gap)
    for (const event of batch.events) this.#facts.addEvent(event)
    for (const row of batch.carbon.emissions) this.#emissions.put(row)
    for (const row of batch.carbon.restatements) this.#emissions.restate(row)
  }

  #forget(): void {
    this.#ids.forget()
    this.#emissions.forget()
  }
}
