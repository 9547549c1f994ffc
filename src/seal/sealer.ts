import type { Component } from '../model/lifecycle.ts'
import type { Logger } from '../model/logger.ts'
import { reasonOf } from '../model/reason.ts'
import type { SealHead } from '../model/seal.ts'
import { DAY_MS, floorTo } from '../model/time.ts'
import { type Sealing, sealDays } from './seal-days.ts'
import { SealFolder } from './seal-folder.ts'

export interface SealerOptions extends Omit<Sealing, 'signal'> {
  readonly logger: Logger
  /** Up to when the ledger's hours are closed, as its writer knows; left out, each look opens the ledger. */
  readonly closedUntilUnixMs?: () => number | null
  /** How often it looks whether a day can be sealed. Default a minute. */
  readonly everyMs?: number
}

/** Seals each UTC day some minutes after its end, and those that ended while no agent ran. */
export class Sealer implements Component {
  readonly name = 'sealer'
  readonly #options: SealerOptions
  readonly #stopped = new AbortController()
  #head: SealHead | null = null
  #timer: NodeJS.Timeout | undefined
  #pass: Promise<void> = Promise.resolve()
  #hasFailed = false
  /** The day up to which nothing was left to seal, at the last look. */
  #lookedUntilUnixMs: number | null = null

  constructor(options: SealerOptions) {
    this.#options = options
  }

  /** The newest seal; null before the first. */
  get head(): SealHead | null {
    return this.#head
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    this.#attempt(() => this.#remember())
    const { everyMs = 60_000 } = this.#options
    this.#timer = setInterval(() => void this.seal(), everyMs).unref()
  }

  /** What is half done leaves nothing. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopped.abort()
    await this.#pass
  }

  /** Seals what can be sealed, once at a time. Never rejects: what fails is tried again. */
  seal(): Promise<void> {
    this.#pass = this.#pass.then(() => this.#seal())
    return this.#pass
  }

  async #seal(): Promise<void> {
    const { signal } = this.#stopped
    const untilUnixMs = this.#closedUntilUnixMs()
    if (signal.aborted || this.#isUpToDate(untilUnixMs)) return
    try {
      const heads = await sealDays({ ...this.#options, signal })
      for (const { day, sha256 } of heads) {
        this.#options.logger.info({ event: 'day_sealed', day, sha256 }, `sealed what was booked on ${day}`)
      }
      this.#remember()
      this.#lookedUntilUnixMs = untilUnixMs
      this.#hasFailed = false
    } catch (cause) {
      if (!signal.aborted) this.#tell(cause)
    }
  }

  /** Without a look at the disk, which once a minute would be for nothing but once a day. */
  #isUpToDate(untilUnixMs: number | null): boolean {
    if (untilUnixMs !== null && untilUnixMs === this.#lookedUntilUnixMs) return true
    return this.#head !== null && Date.parse(this.#head.day) + 2 * DAY_MS > this.#options.unixMs()
  }

  /** The last day that can be sealed ends here; null where nobody tells. */
  #closedUntilUnixMs(): number | null {
    const { closedUntilUnixMs, unixMs } = this.#options
    return closedUntilUnixMs === undefined ? null : floorTo(DAY_MS, Math.min(closedUntilUnixMs() ?? 0, unixMs()))
  }

  /** Another process may have sealed meanwhile. */
  #remember(): void {
    const newest = new SealFolder(this.#options.state).newest()
    this.#head = newest && { day: newest.seal.day, sha256: newest.sha256 }
  }

  #attempt(step: () => void): void {
    try {
      step()
    } catch (cause) {
      this.#tell(cause)
    }
  }

  /** Each row of failures once. */
  #tell(cause: unknown): void {
    const text = reasonOf(cause)
    if (!this.#hasFailed) this.#options.logger.error({ event: 'seal_failed', err: cause }, text)
    this.#hasFailed = true
  }
}
