import type { EventRow } from '../model/batch.ts'
import type { Logger } from '../model/logger.ts'
import { LookNews } from '../model/sparing-news.ts'
import { describeFailure, isBusy } from './failure.ts'
import { describeHolders } from './file/lock-holders.ts'

export interface OutageOptions {
  readonly path: string
  readonly logger: Logger
  readonly unixMs: () => number
  /** Of a monotonic clock. Default: the process's. */
  readonly nowNs?: () => bigint
}

/** Whether the ledger can be written: its log and the ledger itself are told once of each change, and of a disk that flaps sparingly. */
export class Outage {
  readonly #options: OutageOptions
  readonly #news: LookNews
  #failure: { readonly sinceUnixMs: number; readonly message: string } | null = null
  #events: EventRow[] = []

  constructor(options: OutageOptions) {
    this.#options = options
    this.#news = new LookNews(options.nowNs)
  }

  /** Why it cannot be written; null while it can. */
  get message(): string | null {
    return this.#failure?.message ?? null
  }

  /** For the ledger itself to tell. The caller clears it once it is written. */
  get events(): readonly EventRow[] {
    return this.#events
  }

  clearEvents(): void {
    this.#events = []
  }

  /** Tells what has waited for long enough; at the end all that waits. */
  look(isLast = false): void {
    this.#news.look(isLast)
  }

  failed(cause: unknown): void {
    const { logger, path, unixMs } = this.#options
    const text = describeFailure(cause)
    const message = isBusy(cause)
      ? `${text}: ${describeHolders('writer', path)} has a transaction open. End it, or that process`
      : text
    if (this.#failure === null) {
      const said = `the ledger ${path} cannot be written, so postings wait in memory: ${message}`
      this.#news.say('write', (more) => logger.error({ event: 'ledger_write_failed', err: cause }, `${said}${more}`))
    }
    this.#failure = { sinceUnixMs: this.#failure?.sinceUnixMs ?? unixMs(), message }
  }

  /** @param batches that waited */
  over(batches: number): void {
    if (this.#failure === null) return
    const { logger, path, unixMs } = this.#options
    const since = new Date(this.#failure.sinceUnixMs).toISOString()
    const detail = `${batches} batches waited since ${since}: ${this.#failure.message}`
    this.#failure = null
    this.#news.say('write', (more) => {
      logger.info({ event: 'ledger_recovered', path }, `the ledger can be written again${more}`)
      this.#events.push({ atUnixMs: unixMs(), what: 'ledger_caught_up', detail: `${detail}${more}` })
    })
  }

  /** Something of it could not be read. */
  unread(event: string, cause: unknown): void {
    const text = describeFailure(cause)
    this.#news.say(event, (more) => this.#options.logger.warn({ event, err: cause }, `${text}${more}`))
  }
}
