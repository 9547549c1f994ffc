import type Database from 'better-sqlite3'
import type { EventRow, LedgerBatch, LedgerState } from '../../model/batch.ts'
import type { CarbonBooks } from '../../model/carbon.ts'
import { channelKey } from '../../model/channel.ts'
import type { Waiting } from '../batch-queue.ts'
import { isRejection } from '../failure.ts'
import type { StoredTotals } from '../ledger-totals.ts'
import { joinedRows } from '../row-sums.ts'
import type { Settlement } from '../settlement/settlement.ts'
import { ChannelIds } from './channel-ids.ts'
import { ConsumerIds } from './consumer-ids.ts'
import { ConsumerRows } from './consumer-rows.ts'
import { Emissions, nextNumbers, settledEmissions } from './emissions.ts'
import { GapsAndEvents } from './gaps-and-events.ts'
import { IntensityCache } from './intensity-cache.ts'
import { LateChanges } from './late-changes.ts'
import { Retention, type RetentionOptions } from './retention.ts'
import { Rows } from './rows.ts'
import { seldom } from './seldom.ts'
import { Settler } from './settler.ts'
import { Spans } from './spans.ts'
import { StageTable } from './stage-table.ts'
import { Totals } from './totals.ts'
import { Windows } from './windows.ts'

/** What a commit is given: all that waits, and what the ledger keeps of the whole up to its end. */
export interface Commit {
  readonly waiting: Waiting
  readonly events: readonly EventRow[]
  readonly state: LedgerState | null
  /** As it was before the batches. */
  readonly settlement: Settlement | null
}

export interface Committed {
  /** Why rows were refused: values that SQLite cannot hold. */
  readonly rejections: readonly Error[]
  readonly settlement: Settlement | null
}

/** The tables of an open ledger: batches go in, and what a start needs comes out. */
export class Tables {
  readonly #intensityCache: () => IntensityCache
  readonly #windows: () => Windows
  readonly #spans: () => Spans
  readonly #db: Database.Database
  readonly #ids: ChannelIds
  readonly #consumerIds: ConsumerIds
  readonly #rows: Rows
  readonly #consumerRows: ConsumerRows
  readonly #gapsAndEvents: GapsAndEvents
  readonly #emissions: Emissions
  readonly #stages: StageTable
  readonly #totals: Totals
  readonly #settler: Settler
  readonly #late: LateChanges
  readonly #retention: Retention

  constructor(db: Database.Database, retention: RetentionOptions) {
    this.#intensityCache = seldom(() => new IntensityCache(db))
    this.#windows = seldom(() => new Windows(db))
    this.#spans = seldom(() => new Spans(db))
    this.#db = db
    this.#ids = new ChannelIds(db)
    this.#consumerIds = new ConsumerIds(db)
    this.#rows = new Rows(db, this.#ids)
    this.#consumerRows = new ConsumerRows(db, this.#consumerIds)
    this.#gapsAndEvents = new GapsAndEvents(db, this.#ids)
    this.#emissions = new Emissions(db)
    this.#stages = new StageTable(db)
    this.#totals = new Totals(db, this.#ids)
    this.#settler = new Settler(db)
    this.#late = new LateChanges(db)
    this.#retention = new Retention(db, retention, this.#consumerIds, this.#late)
  }

  get intensityCache(): IntensityCache {
    return this.#intensityCache()
  }

  get windows(): Windows {
    return this.#windows()
  }

  get spans(): Spans {
    return this.#spans()
  }

  /**
   * All of it in one transaction: rows of every batch, the events, the state, and the hours that end with it. What is
   * refused (values that SQLite cannot hold) does not bar the rest.
   * @throws SqliteError when nothing was committed.
   */
  commit({ waiting, events, state, settlement }: Commit): Committed {
    const rejections: Error[] = []
    const addInSavepoint = this.#db.transaction((add: () => void) => add())
    const attempt = (add: () => void) => {
      try {
        addInSavepoint(add)
      } catch (cause) {
        if (!(cause instanceof Error && isRejection(cause))) throw cause
        this.#forget()
        rejections.push(cause)
      }
    }
    const addAll = this.#db.transaction(() => {
      const closedHours = this.#settler.lookAt(settlement, waiting)
      this.#late.noteAll(settlement, waiting)
      if (!this.#isAdded(() => this.#add(waiting.batches))) {
        for (const batch of waiting.batches) attempt(() => this.#add([batch]))
      }
      this.#addEach(this.#sumsOf(waiting), attempt)
      const settled = this.#settler.settle(settlement, closedHours, waiting)
      for (const event of [...events, ...settled.events]) this.#gapsAndEvents.addEvent(event)
      if (state !== null) this.#totals.save(state)
      return settled.settlement
    })
    try {
      return { settlement: addAll.immediate(), rejections }
    } catch (cause) {
      this.#forget()
      throw cause
    }
  }

  /** See `Retention.prune`. */
  prune(nowUnixMs: number): void {
    this.#retention.prune(nowUnixMs)
  }

  /** Null before the first batch. */
  loadTotals(): StoredTotals | null {
    const totals = this.#totals.load()
    return totals && { ...totals, settlement: this.#settler.load() }
  }

  loadBooks(sinceUnixMs: number): CarbonBooks {
    return { emissions: settledEmissions(this.#db, sinceUnixMs), next: nextNumbers(this.#db) }
  }

  #add(batches: readonly LedgerBatch[]): void {
    for (const channel of batches.flatMap(({ channels }) => channels)) {
      this.#ids.describe(channelKey(channel), channel)
    }
    this.#rows.add(joinedRows(batches))
    for (const batch of batches) this.#addRest(batch)
  }

  /** What is not energy of a time. */
  #addRest(batch: LedgerBatch): void {
    for (const row of batch.idleRows ?? []) this.#rows.addPartIdle(row)
    for (const gap of batch.gaps) this.#gapsAndEvents.addGap(gap)
    for (const event of batch.events) this.#gapsAndEvents.addEvent(event)
    for (const row of batch.carbon.emissions) this.#emissions.put(row)
    for (const row of batch.carbon.restatements) this.#emissions.restate(row)
    this.#stages.put(batch.carbon.stages ?? [], batch.atUnixMs)
    for (const row of batch.windows ?? []) this.windows.put(row)
  }

  /** What is the sum of several batches. */
  #sumsOf({ hours, consumerRows }: Waiting): readonly (() => void)[] {
    return [
      ...hours.channelRows.map((row) => () => this.#rows.addChannelHour(row)),
      ...hours.nodeRows.map((row) => () => this.#rows.addNodeHour(row)),
      ...hours.partRows.map((row) => () => this.#rows.addPartHour(row)),
      ...(hours.idleRows ?? []).map((row) => () => this.#rows.addPartIdle(row)),
      ...consumerRows.map((row) => () => this.#consumerRows.add(row)),
    ]
  }

  /** Together, or one by one where one is refused. */
  #addEach(adds: readonly (() => void)[], attempt: (add: () => void) => void): void {
    const addAll = () => {
      for (const add of adds) add()
    }
    if (!this.#isAdded(addAll)) for (const add of adds) attempt(add)
  }

  /** False where something of it is refused: then nothing of it is there. */
  #isAdded(add: () => void): boolean {
    try {
      this.#db.transaction(add)()
      return true
    } catch (cause) {
      if (!(cause instanceof Error && isRejection(cause))) throw cause
      this.#forget()
      return false
    }
  }

  #forget(): void {
    this.#ids.forget()
    this.#rows.forget()
    this.#consumerIds.forget()
    this.#settler.forget()
    this.#late.forget()
    this.#emissions.forget()
    this.#stages.forget()
  }
}
