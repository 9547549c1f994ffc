import type { IntensityBasis } from '../../model/carbon.ts'
import type { Logger } from '../../model/logger.ts'
import { HttpError, type HttpGet } from '../http.ts'
import { IntensitySeries } from '../intensity-series.ts'
import { readKey } from '../key-file.ts'
import { type Feed, FeedError, type Window } from './feed.ts'
import type { Coverage, RefreshedSource } from './source.ts'

const FIRST_RETRY_MS = 5_000
const LONGEST_RETRY_MS = 3_600_000
const LONGEST_OBEDIENCE_MS = 24 * 3_600_000
/** Postings are priced within minutes; the rest is for a clock that is set back. */
const KEPT_MS = 24 * 3_600_000

export interface LiveOptions {
  readonly feed: Feed
  readonly get: HttpGet
  /** How long the newest figure holds on, as an estimate, while newer ones are late. */
  readonly holdMs: number
  readonly unixMs: () => number
  /** From 0 to 1, as Math.random: ten thousand hosts must not ask at the same moment. */
  readonly random: () => number
  readonly logger: Logger
}

/** A public interface, asked at its pace. What was fetched is kept in memory; a failure costs nothing but freshness. */
export class LiveSource implements RefreshedSource {
  readonly name: string
  readonly basis: IntensityBasis
  readonly #options: LiveOptions
  readonly #series = new IntensitySeries()
  #failures = 0
  #failure: string | null = null
  #wasKeyOpen = false

  constructor(options: LiveOptions) {
    this.name = options.feed.name
    this.basis = options.feed.basis
    this.#options = options
  }

  cover(unixMs: number): Coverage {
    const covered = this.#series.cover(unixMs)
    const { last } = this.#series
    if (covered.intensity !== null || last === null || unixMs < last.endsUnixMs) return covered
    const untilUnixMs = last.endsUnixMs + this.#options.holdMs
    if (unixMs >= untilUnixMs) return covered
    const held = { ...last, status: 'estimated', startsUnixMs: last.endsUnixMs, endsUnixMs: untilUnixMs } as const
    return { intensity: held, untilUnixMs }
  }

  get problem(): string | null {
    if (this.#failure !== null) return this.#failure
    const end = this.#series.last?.endsUnixMs
    if (end === undefined) return 'nothing has been fetched yet'
    return end > this.#options.unixMs() ? null : `its newest figure ends ${new Date(end).toISOString()}`
  }

  check(): string | null {
    const { keyFile } = this.#options.feed
    try {
      if (keyFile !== null) readKey(keyFile)
      return null
    } catch (error) {
      return (error as Error).message
    }
  }

  async refresh(signal: AbortSignal): Promise<number> {
    const { feed, logger, random } = this.#options
    try {
      await this.#fetch(signal)
      if (this.#failures > 0)
        logger.info({ event: 'intensity_fetched', source: this.name }, `${this.name} answers again`)
      this.#failures = 0
      this.#failure = null
      return feed.everyMs * (0.9 + 0.2 * random())
    } catch (error) {
      if (signal.aborted) return feed.everyMs
      this.#failure = (error as Error).message
      this.#failures += 1
      if (this.#failures === 1) {
        logger.warn(
          { event: 'intensity_fetch_failed', source: this.name },
          `${this.name} gives no intensities and is asked again: ${this.#failure}`,
        )
      }
      return this.#retryMs(error)
    }
  }

  async #fetch(signal: AbortSignal): Promise<void> {
    const { feed, get, unixMs } = this.#options
    const now = unixMs()
    const window = { fromUnixMs: now - feed.backMs, toUnixMs: now + feed.aheadMs }
    const periods = feed.parse(await get(feed.request(window, this.#key()), signal), window)
    for (const period of periods) refuseOutside(period, window)
    for (const period of periods) this.#series.put(period)
    this.#series.dropBefore(now - KEPT_MS)
  }

  #key(): string {
    const { feed, logger } = this.#options
    if (feed.keyFile === null) return ''
    const { text, isOpen } = readKey(feed.keyFile)
    if (isOpen && !this.#wasKeyOpen) {
      const remedy = `chmod 0640 ${feed.keyFile}`
      logger.warn({ event: 'key_file_open', path: feed.keyFile }, `every user may read the key in it: ${remedy}`)
    }
    this.#wasKeyOpen = isOpen
    return text
  }

  /** Doubles to an hour, with half of it by chance, and never less than the server asks for. */
  #retryMs(error: unknown): number {
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures - 1, 20))
    const askedMs = error instanceof HttpError ? (error.retryAfterMs ?? 0) : 0
    const jittered = longest * (0.5 + 0.5 * this.#options.random())
    return askedMs > 0 ? Math.min(askedMs, LONGEST_OBEDIENCE_MS) + jittered / 2 : jittered
  }
}

/** A statement may begin before the window or end behind it, but has to touch it. */
function refuseOutside(period: { startsUnixMs: number; endsUnixMs: number }, { fromUnixMs, toUnixMs }: Window): void {
  const { startsUnixMs, endsUnixMs } = period
  if (endsUnixMs <= startsUnixMs) throw new FeedError('an end after the start', new Date(endsUnixMs))
  if (endsUnixMs < fromUnixMs || startsUnixMs > toUnixMs) {
    throw new FeedError('a time inside the asked window', new Date(startsUnixMs))
  }
}
