import type { LogFields, Logger } from '../model/logger.ts'
import { masked } from '../model/secrets.ts'
import { LookNews, type Tell } from '../model/sparing-news.ts'
import { HttpError } from './http.ts'

export interface PollOptions {
  /** Time between two looks, of which a tenth more or less is by chance. */
  readonly everyMs: number
  /** The longest wait after failures, unless the server asks for more; an hour where it is left out. */
  readonly longestWaitMs?: number
  /** Asks once, and keeps the answer. Rejects when there is none, or none that can be used. */
  readonly ask: (signal: AbortSignal) => Promise<void>
  /** Who is asked, for people: `uk`. */
  readonly who: string
  /** What it does not do, for people: `gives no intensities`. */
  readonly lapse: string
  /** Names of the events, where it begins and where it is over. */
  readonly events: { readonly failed: string; readonly over: string }
  /** What the log has besides. */
  readonly fields?: Omit<LogFields, 'event'>
  /** From 0 to 1, as Math.random: ten thousand hosts must not ask at the same moment. */
  readonly random: () => number
  /** Of a monotonic clock. Default: the process's. */
  readonly nowNs?: () => bigint
  readonly logger: Logger
}

/**
 * Asks, or tells, a server again and again. A failure costs nothing but freshness: it is logged once, a server that comes and
 * goes sparingly, and the waits grow.
 */
export class ServerPoll {
  readonly #options: PollOptions
  readonly #news: LookNews
  #failures = 0
  #problem: string | null = null

  constructor(options: PollOptions) {
    this.#options = options
    this.#news = new LookNews(options.nowNs)
  }

  /** Why the last look brought nothing, for people; null when it brought something. */
  get problem(): string | null {
    return this.#problem
  }

  /** Tells of another state of this server that may come and go as well. */
  say(name: string, tell: Tell): void {
    this.#news.say(name, tell)
  }

  /** Looks once. Resolves to the milliseconds until the next look; never rejects. */
  async refresh(signal: AbortSignal): Promise<number> {
    const { everyMs, longestWaitMs = LONGEST_WAIT_MS, ask, who, lapse, events, fields, random, logger } = this.#options
    this.#news.look()
    try {
      await ask(signal)
      if (this.#failures > 0) {
        this.say(who, (more) => logger.info({ event: events.over, ...fields }, `${who} answers again${more}`))
      }
      this.#failures = 0
      this.#problem = null
      return everyMs * (0.9 + 0.2 * random())
    } catch (error) {
      if (signal.aborted) return everyMs
      this.#failures += 1
      const problem = masked((error as Error).message)
      this.#problem = problem
      if (this.#failures === 1) {
        const message = `${who} ${lapse} and will be asked again: ${problem}`
        this.say(who, (more) => logger.warn({ event: events.failed, ...fields }, `${message}${more}`))
      }
      return waitMs(this.#failures, longestWaitMs, error, random)
    }
  }
}

const FIRST_WAIT_MS = 5_000
const LONGEST_WAIT_MS = 3_600_000
const LONGEST_OBEDIENCE_MS = 24 * 3_600_000

/** Time until a server is asked again: doubles to the longest wait, with half of it by chance, and never less than it asks for. */
function waitMs(failures: number, longestWaitMs: number, error: unknown, random: () => number): number {
  const longest = Math.min(longestWaitMs, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 20))
  const askedMs = error instanceof HttpError ? (error.retryAfterMs ?? 0) : 0
  const jittered = longest * (0.5 + 0.5 * random())
  return askedMs > 0 ? Math.min(askedMs, LONGEST_OBEDIENCE_MS) + jittered / 2 : jittered
}
