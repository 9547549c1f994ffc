import { AnswerError } from '../../io/answer.ts'
import type { HttpGet } from '../../io/http.ts'
import { KeyFile } from '../../io/key-file.ts'
import type { Refreshed } from '../../io/refresher.ts'
import { ServerPoll } from '../../io/server-poll.ts'
import type { Logger } from '../../model/logger.ts'
import { FeedHistory, type HistoryOptions } from './feed-history.ts'

export interface ReaderOptions extends HistoryOptions {
  readonly get: HttpGet
  readonly unixMs: () => number
  /** From 0 to 1, as Math.random: ten thousand hosts must not ask at the same moment. */
  readonly random: () => number
  readonly logger: Logger
}

/** Asks one public interface at its pace. */
export class FeedReader implements Refreshed {
  readonly name: string
  readonly history: FeedHistory
  readonly #options: ReaderOptions
  readonly #key: KeyFile
  readonly #poll: ServerPoll

  constructor(options: ReaderOptions) {
    this.name = options.feed.name
    this.history = new FeedHistory(options)
    this.#options = options
    const { feed, random, logger } = options
    this.#key = new KeyFile(feed.keyFile, logger)
    this.#poll = new ServerPoll({
      everyMs: feed.everyMs,
      ask: (signal) => this.#fetch(signal),
      who: this.name,
      lapse: 'gives no intensities',
      events: { failed: 'intensity_fetch_failed', over: 'intensity_fetched' },
      fields: { source: this.name },
      random,
      logger,
    })
  }

  /** Why there is nothing newer; null when all is well. */
  get problem(): string | null {
    if (this.#poll.problem !== null) return this.#poll.problem
    const end = this.history.last?.endsUnixMs
    if (end === undefined) return 'nothing has been fetched yet'
    return end > this.#options.unixMs() ? null : 'its newest figure is for an earlier time'
  }

  check(): readonly string[] {
    return this.#key.check()
  }

  refresh(signal: AbortSignal): Promise<number> {
    return this.#poll.refresh(signal)
  }

  async #fetch(signal: AbortSignal): Promise<void> {
    const { feed, get, unixMs } = this.#options
    this.history.load()
    const nowUnixMs = unixMs()
    const window = this.history.windowAt(nowUnixMs)
    const body = await get(feed.request(window, this.#key.read()), signal)
    const figures = feed.parse(body, window)
    if (figures.length === 0) throw new AnswerError('figures for the requested time', [])
    this.history.take(figures, window, nowUnixMs)
  }
}
