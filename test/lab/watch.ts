import { setTimeout } from 'node:timers/promises'
import type { GuestService, Samples } from './guest-service.ts'

const INTERVAL_MS = 1_000
/** What a scrape may never show less of than a scrape before it. */
const TOTALS = /^wattledger_(node|energy|unaccounted|register)_\w+_total\b/

/** A Prometheus beside the scenarios: scrapes every second and keeps what no scrape may ever show. */
export class Watch {
  /** Totals that fell or vanished, with both values. */
  readonly falls: string[] = []
  /** Scrapes without an answer since the last `begin()`. */
  failures = 0
  slowestMs = 0
  scrapes = 0
  readonly #service: GuestService
  readonly #stop = new AbortController()
  #shown: Samples = new Map()

  constructor(service: GuestService) {
    this.#service = service
  }

  /** Begins, or begins anew, to count failures and to look for the slowest. Totals are held against all before. */
  begin(): void {
    if (this.scrapes === 0 && this.failures === 0) this.#run()
    this.failures = 0
    this.slowestMs = 0
  }

  /** A ledger that was deleted begins at zero. */
  forget(): void {
    this.#shown = new Map()
  }

  stop(): void {
    this.#stop.abort()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      const startedMs = performance.now()
      try {
        this.#compare(await this.#service.scrape())
        this.scrapes += 1
      } catch {
        if (!signal.aborted) this.failures += 1
      }
      const tookMs = performance.now() - startedMs
      this.slowestMs = Math.max(this.slowestMs, tookMs)
      await setTimeout(Math.max(0, INTERVAL_MS - tookMs), undefined, { signal }).catch(() => {})
    }
  }

  #compare(samples: Samples): void {
    for (const [series, before] of this.#shown) {
      const now = samples.get(series)
      if (now !== undefined && now < before) this.falls.push(`${series}: ${before}, then ${now}`)
    }
    const totals = [...samples].filter(([series]) => TOTALS.test(series))
    this.#shown = new Map([...this.#shown, ...totals])
  }
}
