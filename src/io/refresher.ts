import type { Component } from '../model/lifecycle.ts'

/** Looks for its data again and again. */
export interface Refreshed {
  /** Every problem with the files that it needs. Asks no server. */
  check(): readonly string[]
  /** Looks once. Resolves to the milliseconds until the next look; never rejects. */
  refresh(signal: AbortSignal): Promise<number>
}

/** A source with its data at hand answers within this time. A slow network must not hold up the start. */
const GRACE_MS = 2_000

/** Keeps sources fresh, each at its own pace. */
export class SourceRefresher implements Component {
  readonly name = 'carbon'
  readonly #sources: readonly Refreshed[]
  readonly #timers = new Map<Refreshed, NodeJS.Timeout>()
  readonly #graceMs: number
  #stop = new AbortController()

  /** @param graceMs how long the start waits for the first looks */
  constructor(sources: readonly Refreshed[], graceMs = GRACE_MS) {
    this.#sources = sources
    this.#graceMs = graceMs
  }

  /** Gives each source its first look before energy is priced, but waits no longer than the grace. */
  async start(signal: AbortSignal): Promise<void> {
    this.#stop = new AbortController()
    if (this.#sources.length === 0) return
    const looks = Promise.all(this.#sources.map((source) => this.#look(source)))
    let timer: NodeJS.Timeout | undefined
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#graceMs)
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await Promise.race([looks, grace])
    clearTimeout(timer)
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }

  async #look(source: Refreshed): Promise<void> {
    const { signal } = this.#stop
    const waitMs = await source.refresh(signal)
    if (signal.aborted) return
    const timer = setTimeout(() => void this.#look(source), waitMs)
    timer.unref()
    this.#timers.set(source, timer)
  }
}
