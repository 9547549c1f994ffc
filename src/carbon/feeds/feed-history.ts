import { AnswerError } from '../../io/answer.ts'
import type { FetchedFigure } from '../../model/fetched-figure.ts'
import { floorTo, HOUR_MS } from '../../model/time.ts'
import { ALL_TIME, type Found, type Stretch, TimeSeries } from '../time/time-series.ts'
import type { Window } from '../time/window.ts'
import type { FeedFigure, PublicFeed } from './feed.ts'

/** Where figures outlive a restart. `source` is the feed's `cacheKey`. */
export interface IntensityCache {
  /** In the order in which they were fetched. Never throws. */
  load(source: string): readonly FetchedFigure[]
  /** False when they could not be kept: the caller gives them again. Never throws. */
  save(source: string, figures: readonly FetchedFigure[]): boolean
}

/** Sources revise a month at most, and a ledger that could not be written for days still catches up. */
const KEPT_MS = 40 * 86_400_000
/** After a longer outage the rest is not asked for. Every interface answers this much in one request. */
const MOST_BACK_MS = 7 * 86_400_000

/** A reader that is further behind looks at the whole series. */
const CHANGES_KEPT = 64

export interface HistoryOptions {
  readonly feed: PublicFeed
  readonly cache: IntensityCache
}

/**
 * The figures of one feed: knows which time to ask for next, which figures of an answer are new, and which are final.
 */
export class FeedHistory {
  readonly #options: HistoryOptions
  readonly #series = new TimeSeries<FetchedFigure>()
  #unsaved: readonly FetchedFigure[] = []
  #isLoaded = false
  /** Every figure that ends before this time is final: its source revises nothing so old. */
  #finalUnixMs: number | null = null
  #revision = 0
  #changes: { readonly revision: number; readonly sinceUnixMs: number }[] = []

  constructor(options: HistoryOptions) {
    this.#options = options
  }

  get revision(): number {
    return this.#revision
  }

  /** From the first figure that is new or became final, without end: the newest figure holds on behind its own time. */
  changedSince(revision: number): Stretch {
    const changes = this.#changes.filter((change) => change.revision > revision)
    if (changes.length < this.#revision - revision) return ALL_TIME
    return { ...ALL_TIME, startsUnixMs: Math.min(...changes.map(({ sinceUnixMs }) => sinceUnixMs)) }
  }

  get last(): FetchedFigure | null {
    return this.#series.last
  }

  /** The figure of a time. A provisional one that its source revises no more is given as final. */
  at(unixMs: number): Found<FetchedFigure> {
    const found = this.#series.at(unixMs)
    const { period } = found
    if (period?.status !== 'provisional' || period.endsUnixMs > (this.#finalUnixMs ?? 0)) return found
    return { ...found, period: { ...period, status: 'final' } }
  }

  /** Fills the series from the cache. Only the first call does anything. */
  load(): void {
    if (this.#isLoaded) return
    this.#isLoaded = true
    const { feed, cache } = this.#options
    const figures = cache.load(feed.cacheKey)
    for (const figure of figures) this.#series.put(figure)
    if (figures.length === 0) return
    this.#finalUnixMs = Math.max(...figures.map(({ fetchedUnixMs }) => fetchedUnixMs)) - feed.backMs
    this.#changed(figures)
  }

  /**
   * The time to ask for: whatever may still be revised, and whatever an outage left out. It begins at a whole hour,
   * since interfaces round to hours and answer with every figure that touches the window.
   */
  windowAt(nowUnixMs: number): Window {
    const { backMs, aheadMs } = this.#options.feed
    const usual = nowUnixMs - backMs
    const fromUnixMs = Math.max(Math.min(usual, this.#finalUnixMs ?? usual), usual - MOST_BACK_MS)
    return { fromUnixMs: floorTo(HOUR_MS, fromUnixMs), toUnixMs: nowUnixMs + aheadMs }
  }

  /** Takes all figures of an answer, or throws an AnswerError if one of them is not of the window. */
  take(figures: readonly FeedFigure[], window: Window, nowUnixMs: number): void {
    const { feed, cache } = this.#options
    for (const figure of figures) refuseOutside(figure, window)
    const news = figures
      .filter((figure) => !this.#holds(figure))
      .map((figure) => ({ ...figure, basis: feed.basis, fetchedUnixMs: nowUnixMs }))
    for (const figure of news) this.#series.put(figure)
    const before = this.#finalUnixMs ?? 0
    this.#finalUnixMs = nowUnixMs - feed.backMs
    const settled = this.#series.endingWithin(before, this.#finalUnixMs)
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

  #holds({ zone, mgPerKwh, status, startsUnixMs, endsUnixMs }: FeedFigure): boolean {
    const held = this.#series.at(startsUnixMs).period
    return (
      held?.startsUnixMs === startsUnixMs &&
      held.endsUnixMs === endsUnixMs &&
      held.mgPerKwh === mgPerKwh &&
      held.status === status &&
      held.zone === zone
    )
  }
}

/** A figure may begin before the window or end after it, but has to touch it. */
function refuseOutside({ startsUnixMs, endsUnixMs }: FeedFigure, { fromUnixMs, toUnixMs }: Window): void {
  if (endsUnixMs <= startsUnixMs) throw new AnswerError('an end after the start', new Date(endsUnixMs))
  if (endsUnixMs < fromUnixMs || startsUnixMs > toUnixMs) {
    throw new AnswerError('a time inside the requested window', new Date(startsUnixMs))
  }
}
