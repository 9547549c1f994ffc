import type { Logger } from '../model/logger.ts'
import { DAY_MS, HOUR_MS } from '../model/time.ts'

/** What a clock may be corrected by at once, between two looks. */
const SLACK_MS = 60_000

/**
 * The wall time by which rows may be deleted. It goes on with the time that the machine is up: the wall clock is
 * believed at once where it goes back, and where it has jumped ahead as far as it has been ahead for a whole day.
 */
export class TrustedClock {
  readonly #unixMs: () => number
  readonly #uptimeMs: () => number
  readonly #logger: Logger
  #trusted: { readonly unixMs: number; readonly atMs: number }
  #jump: { readonly sinceMs: number; readonly leastMs: number } | null = null

  /** `lastUnixMs`: where it stood at the end of the last run; null believes the wall clock. */
  constructor(lastUnixMs: number | null, unixMs: () => number, uptimeMs: () => number, logger: Logger) {
    this.#unixMs = unixMs
    this.#uptimeMs = uptimeMs
    this.#logger = logger
    const nowUnixMs = unixMs()
    // How long the agent was away is known from the wall clock alone: a day of it is believed.
    const believed = lastUnixMs === null || nowUnixMs - lastUnixMs <= DAY_MS
    this.#trusted = { unixMs: believed ? nowUnixMs : lastUnixMs, atMs: uptimeMs() }
  }

  /** Takes a look at both clocks. */
  nowUnixMs(): number {
    const [unixMs, atMs] = [this.#unixMs(), this.#uptimeMs()]
    const expectedUnixMs = this.#trusted.unixMs + (atMs - this.#trusted.atMs)
    const believedMs = this.#believedOf(unixMs - expectedUnixMs, atMs)
    this.#trusted = { unixMs: expectedUnixMs + believedMs, atMs }
    return this.#trusted.unixMs
  }

  #believedOf(aheadMs: number, atMs: number): number {
    if (aheadMs <= SLACK_MS) {
      this.#jump = null
      return aheadMs
    }
    if (this.#jump === null) {
      const text = `the wall clock jumped ${(aheadMs / HOUR_MS).toFixed(1)} h ahead, so nothing is deleted for a day`
      this.#logger.warn({ event: 'retention_waits', aheadMs }, text)
    }
    const { sinceMs, leastMs } = this.#jump ?? { sinceMs: atMs, leastMs: aheadMs }
    this.#jump = { sinceMs, leastMs: Math.min(leastMs, aheadMs) }
    if (atMs - sinceMs < DAY_MS) return 0
    const believedMs = this.#jump.leastMs
    this.#jump = null
    return believedMs
  }
}
