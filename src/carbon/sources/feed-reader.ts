import { AnswerError } from '../../io/answer.ts'
import { backOffMs } from '../../io/back-off.ts'
import type { HttpGet } from '../../io/http.ts'
import { KeyFile } from '../../io/key-file.ts'
import type { Logger } from '../../model/logger.ts'
import { masked } from '../../model/secrets.ts'
import { FeedHistory, type HistoryOptions } from './feed-history.ts'
import type { Refreshed } from './refresher.ts'

export interface ReaderOptions extends HistoryOptions {
  readonly get: HttpGet
  readonly unixMs: () => number
  /** From 0 to 1, as Math.random: ten thousand hosts must not ask at the same moment. */
  readonly random: () => number
  readonly logger: Logger
}

/** Asks one public interface at its pace. A failure costs nothing but freshness. */
export class FeedReader implements Refreshed {
  readonly name: string
  readonly history: FeedHistory
  readonly #options: ReaderOptions
  readonly #key: KeyFile
  #failures = 0
  #failure: string | null = null

  constructor(options: ReaderOptions) {
    this.name = options.feed.name
    this.history = new FeedHistory(options)
    this.#options = options
    this.#key = new KeyFile(options.feed.keyFile, options.logger)
  }

  /** Why there is nothing newer; null when all is well. */
  get problem(): string | null {
    if (this.#failure !== null) return this.#failure
    const end = this.history.last?.endsUnixMs
    if (end === undefined) return 'nothing has been fetched yet'
    return end > this.#options.unixMs() ? null : 'its newest figure is of an earlier time'
  }

  check(): readonly string[] {
    return this.#key.check()
  }

  async refresh(signal: AbortSignal): Promise<number> {
    const { feed, logger, random } = this.#options
    try {
      this.history.load()
      await this.#fetch(signal)
      if (this.#failures > 0)
        logger.info({ event: 'intensity_fetched', source: this.name }, `${this.name} answers again`)
      this.#failures = 0
      this.#failure = null
      return feed.everyMs * (0.9 + 0.2 * random())
    } catch (error) {
      if (signal.aborted) return feed.everyMs
      this.#failure = masked((error as Error).message)
      this.#failures += 1
      if (this.#failures === 1) {
        logger.warn(
          { event: 'intensity_fetch_failed', source: this.name },
          `${this.name} gives no intensities and is asked again: ${this.#failure}`,
        )
      }
      return backOffMs(this.#failures, error, random)
    }
  }

  async #fetch(signal: AbortSignal): Promise<void> {
    const { feed, get, unixMs } = this.#options
    const nowUnixMs = unixMs()
    const window = this.history.windowAt(nowUnixMs)
    const body = await get(feed.request(window, this.#key.read()), signal)
    const figures = feed.parse(body, window)
    if (figures.length === 0) throw new AnswerError('figures of the asked time', [])
    this.history.take(figures, window, nowUnixMs)
  }
}
