import { AnswerError } from '../../io/answer.ts'
import type { FetchedFigure } from '../../model/fetched-figure.ts'
import { floorTo, HOUR_MS } from '../../model/time.ts'
import { IntensitySeries } from '../time/intensity-series.ts'
import { ALL_TIME, type Stretch } from '../time/time-series.ts'
import type { Figure, PublicFeed, Window } from './feed.ts'

/** Where figures outlive a restart. `source` is the feed's `cacheKey`. */
export interface IntensityCache {
  /** In the order in which they were fetched. Never throws. */
  load(source: string): readonly FetchedFigure[]
  /** False when they could not be kept: they are to be given again. Never throws. */
  save(source: string, figures: readonly FetchedFigure[]): boolean
}

/** The past is settled within a month, and a ledger that was away is caught up. */
const KEPT_MS = 40 * 86_400_000
/** The longest outage that is asked for again. No interface refuses so much in one request. */
const MOST_BACK_MS = 7 * 86_400_000

/** Who has not asked for so many changes looks at all of it. */
const CHANGES_KEPT = 64

export interface HistoryOptions {
  readonly feed: PublicFeed
  readonly cache: IntensityCache
}

/** What one feed has said: which time has to be asked for, what of an answer is new, and what will not change any more. */
export class FeedHistory {
  readonly #options: HistoryOptions
  readonly #series = new IntensitySeries<FetchedFigure>()
  #unsaved: readonly FetchedFigure[] = []
  #isLoaded = false
  /** All that ends before was asked for once more at an age at which it is not revised any more. */
  #settledUnixMs: number | null = null
  #revision = 0
  #changes: { readonly revision: number; readonly sinceUnixMs: number }[] = []

  constructor(options: HistoryOptions) {
    this.#options = options
  }

  get revision(): number {
    return this.#revision
  }

  /** From the first figure that is new or final on: what is held goes on behind the last one. */
  changedSince(revision: number): Stretch {
    const changes = this.#changes.filter((change) => change.revision > revision)
    if (changes.length < this.#revision - revision) return ALL_TIME
    return { ...ALL_TIME, startsUnixMs: Math.min(...changes.map(({ sinceUnixMs }) => sinceUnixMs)) }
  }

  get last(): FetchedFigure | null {
    return this.#series.last
  }

  /** A provisional figure that will not be revised any more is final. */
  cover(unixMs: number): { readonly intensity: FetchedFigure | null; readonly untilUnixMs: number } {
    const covered = this.#series.cover(unixMs)
    const { intensity } = covered
    if (intensity?.status !== 'provisional' || intensity.endsUnixMs > (this.#settledUnixMs ?? 0)) return covered
    return { ...covered, intensity: { ...intensity, status: 'final' } }
  }

  /** Once, before the first answer. */
  load(): void {
    if (this.#isLoaded) return
    this.#isLoaded = true
    const { feed, cache } = this.#options
    const figures = cache.load(feed.cacheKey)
    for (const figure of figures) this.#series.put(figure)
    if (figures.length === 0) return
    this.#settledUnixMs = Math.max(...figures.map(({ fetchedUnixMs }) => fetchedUnixMs)) - feed.backMs
    this.#changed(figures)
  }

  /**
   * What has to be asked for: all that may still be revised, and what was missed while nothing was answered. From a whole
   * hour, since interfaces round to one and answer with what touches it.
   */
  windowAt(nowUnixMs: number): Window {
    const { backMs, aheadMs } = this.#options.feed
    const usual = nowUnixMs - backMs
    const fromUnixMs = Math.max(Math.min(usual, this.#settledUnixMs ?? usual), usual - MOST_BACK_MS)
    return { fromUnixMs: floorTo(HOUR_MS, fromUnixMs), toUnixMs: nowUnixMs + aheadMs }
  }

  /** Takes an answer as a whole. Throws a AnswerError for one that is not of the window. */
  take(figures: readonly Figure[], window: Window, nowUnixMs: number): void {
    const { feed, cache } = this.#options
    for (const figure of figures) refuseOutside(figure, window)
    const news = figures
      .filter((figure) => !this.#holds(figure))
      .map((figure) => ({ ...figure, basis: feed.basis, fetchedUnixMs: nowUnixMs }))
    for (const figure of news) this.#series.put(figure)
    const before = this.#settledUnixMs ?? 0
    this.#settledUnixMs = nowUnixMs - feed.backMs
    const settled = this.#series.endingWithin(before, this.#settledUnixMs)
    this.#changed([...news, ...settled.filter(({ status }) => status === 'provisional')])
    this.#series.dropBefore(nowUnixMs - KEPT_MS)
    this.#unsaved = [...this.#unsaved, ...news].filter(({ endsUnixMs }) => endsUnixMs > nowUnixMs - KEPT_MS)
    if (this.#unsaved.length > 0 && cache.save(feed.cacheKey, this.#unsaved)) this.#unsaved = []
  }

  #changed(figures: readonly Stretch[]): void {
    if (figures.length === 0) return
    this.#revision += 1
    const sinceUnixMs = figures.reduce(
      (least, { startsUnixMs }) => Math.min(least, startsUnixMs),
      Number.POSITIVE_INFINITY,
    )
    this.#changes = [...this.#changes, { revision: this.#revision, sinceUnixMs }].slice(-CHANGES_KEPT)
  }

  #holds({ zone, mgPerKwh, status, startsUnixMs, endsUnixMs }: Figure): boolean {
    const held = this.#series.cover(startsUnixMs).intensity
    return (
      held?.startsUnixMs === startsUnixMs &&
      held.endsUnixMs === endsUnixMs &&
      held.mgPerKwh === mgPerKwh &&
      held.status === status &&
      held.zone === zone
    )
  }
}

/** A statement may begin before the window or end behind it, but has to touch it. */
function refuseOutside({ startsUnixMs, endsUnixMs }: Figure, { fromUnixMs, toUnixMs }: Window): void {
  if (endsUnixMs <= startsUnixMs) throw new AnswerError('an end after the start', new Date(endsUnixMs))
  if (endsUnixMs < fromUnixMs || startsUnixMs > toUnixMs) {
    throw new AnswerError('a time inside the asked window', new Date(startsUnixMs))
  }
}
