import type { Intensity, IntensityBasis } from '../../model/carbon.ts'
import type { FetchedFigure } from '../../model/fetched-figure.ts'
import { HELD_HOUR } from '../intensity/intensity-quality.ts'
import type { Coverage, RefreshedSource } from '../intensity/source.ts'
import { lengthOf, type Stretch } from '../time/time-series.ts'
import type { Feed } from './feed.ts'
import { FeedReader, type ReaderOptions } from './feed-reader.ts'

export interface LiveOptions extends ReaderOptions {
  readonly feed: Feed
  /** How long the newest figure holds on, as an estimate, while newer ones are late. */
  readonly holdMs: number
}

/** The figures of a public interface as a source. */
export class LiveSource implements RefreshedSource {
  readonly name: string
  readonly basis: IntensityBasis
  readonly #feed: Feed
  readonly #holdMs: number
  readonly #reader: FeedReader

  constructor(options: LiveOptions) {
    this.name = options.feed.name
    this.basis = options.feed.basis
    this.#feed = options.feed
    this.#holdMs = options.holdMs
    this.#reader = new FeedReader(options)
  }

  cover(unixMs: number): Coverage {
    const { period, untilUnixMs } = this.#reader.history.at(unixMs)
    if (period !== null) return { intensity: this.#intensityOf(period), untilUnixMs }
    const { last } = this.#reader.history
    if (last === null || unixMs < last.endsUnixMs) return { intensity: null, untilUnixMs }
    const heldUnixMs = last.endsUnixMs + this.#holdMs
    if (unixMs >= heldUnixMs) return { intensity: null, untilUnixMs }
    const held = { ...this.#intensityOf(last), ...HELD_HOUR, status: 'estimated' } as const
    return {
      intensity: { ...held, startsUnixMs: last.endsUnixMs, endsUnixMs: heldUnixMs },
      untilUnixMs: heldUnixMs,
    }
  }

  get problem(): string | null {
    return this.#reader.problem
  }

  get resolutionMs(): number | null {
    return lengthOf(this.#reader.history.last)
  }

  get revision(): number {
    return this.#reader.history.revision
  }

  changedSince(revision: number): Stretch {
    return this.#reader.history.changedSince(revision)
  }

  check(): readonly string[] {
    return this.#reader.check()
  }

  refresh(signal: AbortSignal): Promise<number> {
    return this.#reader.refresh(signal)
  }

  #intensityOf({ zone, mgPerKwh, status, startsUnixMs, endsUnixMs }: FetchedFigure): Intensity {
    const { name: source, basis } = this.#feed
    return { zone, basis, mgPerKwh, source, status, startsUnixMs, endsUnixMs, ...this.#feed.quality(status) }
  }
}
