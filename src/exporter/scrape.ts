import { Body } from '../io/serve/reply.ts'
import type { PushState } from '../model/otlp.ts'
import type { SealHead } from '../model/seal.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { type ExpositionFormat, renderExposition } from './exposition.ts'
import { familiesOf } from './metric.ts'
import { SNAPSHOT_METRICS } from './metrics.ts'
import { OTLP_METRICS } from './otlp-metrics.ts'
import { PROCESS_METRICS, readProcess } from './process-metrics.ts'
import { SEAL_METRICS } from './seal-metrics.ts'

/** How long one rendering serves when the snapshot stands still. It bounds the age of the process metrics. */
export const RENDERING_MAX_AGE_MS = 1000

export interface ScrapeOptions {
  readonly version: string
  readonly seal?: () => SealHead | null
  readonly push?: () => PushState | null
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
}

interface Rendering {
  readonly snapshot: Snapshot | null
  readonly atMs: number
  readonly body: Promise<Body>
}

/** The exposition of a snapshot, rendered once per snapshot and format however many scrapers ask. */
export class Scrape {
  readonly #options: ScrapeOptions
  #renderings = new Map<ExpositionFormat, Rendering>()

  constructor(options: ScrapeOptions) {
    this.#options = options
  }

  /**
   * Nobody will ask for this snapshot again. With `clear()` a map keeps the table that it had, which is old by then, and each next one hangs
   * on it with all that is in it until a full collection: every answer would.
   */
  forget(): void {
    this.#renderings = new Map()
  }

  body(format: ExpositionFormat, snapshot: Snapshot | null): Promise<Body> {
    const atMs = this.#options.nowMs()
    const last = this.#renderings.get(format)
    if (last !== undefined && last.snapshot === snapshot && atMs - last.atMs < RENDERING_MAX_AGE_MS) return last.body
    const body = this.#render(snapshot, format)
    this.#renderings.set(format, { snapshot, atMs, body })
    return body
  }

  async #render(snapshot: Snapshot | null, format: ExpositionFormat): Promise<Body> {
    const families = [
      ...(snapshot === null ? [] : familiesOf(SNAPSHOT_METRICS, snapshot)),
      ...familiesOf(SEAL_METRICS, this.#options.seal?.() ?? null),
      ...familiesOf(OTLP_METRICS, this.#options.push?.() ?? null),
      ...familiesOf(PROCESS_METRICS, readProcess(this.#options.version)),
    ]
    return new Body(renderExposition(families, format))
  }
}
