import type { Factor, FigureStatus, Intensity, IntensityBasis } from '../../model/carbon.ts'
import type { Slot } from '../books/slot.ts'
import { ALL_TIME, joined, type Stretch } from '../time/time-series.ts'
import type { IntensitySource } from './source.ts'

/** Another source than before states the intensity. */
export interface SourceChange {
  readonly from: IntensitySource
  readonly to: IntensitySource
  readonly intensity: Intensity
  readonly atUnixMs: number
  /** True when a preferred source does not cover the time. */
  readonly isFallback: boolean
}

export interface GridFiguresOptions {
  /** In order of preference. The last one covers every time. */
  readonly sources: readonly IntensitySource[]
  readonly onChange: (change: SourceChange) => void
}

/** What holds for the grid at a moment. */
export interface GridFigure {
  readonly factor: Factor & { readonly mgPerKwh: bigint }
  readonly intensity: Intensity
  readonly rank: number
  readonly untilUnixMs: number
  /** Intervals in which a better figure may come; Infinity when none is waited for. */
  readonly grainMs: number
}

/** What is waited for comes in intervals of this, unless its source says otherwise. */
const USUAL_GRAIN_MS = 15 * 60_000
/** A file whose last line is of a second must not make 3600 bookings an hour. Better figures that are finer are averaged. */
const LEAST_GRAIN_MS = 5 * 60_000

/** The grid's intensity at any time, from sources in order of preference. */
export class GridFigures {
  readonly #options: GridFiguresOptions
  #rank = 0
  #seen: readonly number[] | null = null

  constructor(options: GridFiguresOptions) {
    this.#options = options
  }

  /** The first source that covers a time. What stands in for a preferred one is an estimate, whatever it calls itself. */
  at(unixMs: number): GridFigure {
    let until = Number.POSITIVE_INFINITY
    let grainMs = Number.POSITIVE_INFINITY
    for (const [rank, source] of this.#options.sources.entries()) {
      const { intensity: stated, untilUnixMs } = source.cover(unixMs)
      until = Math.min(until, untilUnixMs)
      const isHeld = stated !== null && stated.status === 'estimated' && stated.endsUnixMs !== null
      const awaitedMs = Math.max(source.resolutionMs ?? USUAL_GRAIN_MS, LEAST_GRAIN_MS)
      if (stated === null || isHeld) grainMs = Math.min(grainMs, awaitedMs)
      if (stated === null) continue
      const intensity: Intensity = rank === 0 ? stated : { ...stated, status: 'estimated' }
      const reason = rank === 0 ? null : this.#reasonAgainst(this.#options.sources[0])
      return { rank, intensity, factor: { ...intensity, instrument: 'grid', reason }, untilUnixMs: until, grainMs }
    }
    throw new Error(`no source covers ${new Date(unixMs).toISOString()}: the last one must cover every time`)
  }

  /**
   * One figure for a slot, as the sources know it now: where several hold for parts of it, their mean by time. Null when
   * they are of different bases, which have no mean.
   */
  over({ startUnixMs, endUnixMs }: Slot): Factor | null {
    const whole = this.at(startUnixMs)
    if (whole.untilUnixMs >= endUnixMs) return whole.factor
    const parts: { readonly factor: GridFigure['factor']; readonly ms: number }[] = []
    for (let at = startUnixMs; at < endUnixMs; ) {
      const { factor, untilUnixMs } = this.at(at)
      const until = Math.min(untilUnixMs, endUnixMs)
      parts.push({ factor, ms: until - at })
      at = until
    }
    const [first, ...others] = parts
    if (first === undefined) return null
    if (others.every(({ factor }) => isSameFigure(factor, first.factor))) return first.factor
    if (others.some(({ factor }) => factor.basis !== first.factor.basis)) return null
    return meanOf(parts)
  }

  /** Tells when another source counts from a time on. */
  note({ rank, intensity }: GridFigure, atUnixMs: number): void {
    if (rank === this.#rank) return
    const { sources, onChange } = this.#options
    const [from, to] = [sources[this.#rank], sources[rank]]
    const isFallback = rank > this.#rank
    this.#rank = rank
    if (from !== undefined && to !== undefined) onChange({ from, to, intensity, atUnixMs, isFallback })
  }

  /** The time of which `at` may say something else than at the last call; null for none. All of it at the first. */
  takeChange(): Stretch | null {
    const seen = this.#seen
    this.#seen = this.#options.sources.map(({ revision }) => revision)
    if (seen === null) return ALL_TIME
    return this.#options.sources
      .map((source, index) => {
        const since = seen[index] ?? 0
        return source.revision === since ? null : (source.changedSince?.(since) ?? ALL_TIME)
      })
      .reduce(joined, null)
  }

  get bases(): readonly IntensityBasis[] {
    return [...new Set(this.#options.sources.map(({ basis }) => basis))]
  }

  #reasonAgainst(preferred: IntensitySource | undefined): string {
    return `${preferred?.name}: ${preferred?.problem ?? 'it has no figure for this time'}`
  }
}

/** Whether two figures are the same to those who read them. */
export function isSameFigure(a: Factor, b: Factor): boolean {
  return (
    a.mgPerKwh === b.mgPerKwh &&
    a.basis === b.basis &&
    a.source === b.source &&
    a.zone === b.zone &&
    a.status === b.status
  )
}

const WORST_LAST: readonly FigureStatus[] = ['final', 'provisional', 'estimated']

function meanOf(parts: readonly { readonly factor: GridFigure['factor']; readonly ms: number }[]): Factor {
  const [first] = parts
  if (first === undefined) throw new Error('a mean of nothing')
  const totalMs = BigInt(Math.round(parts.reduce((sum, { ms }) => sum + ms, 0)))
  const product = parts.reduce((sum, { factor, ms }) => sum + factor.mgPerKwh * BigInt(Math.round(ms)), 0n)
  const factors = parts.map(({ factor }) => factor)
  const last = factors.at(-1)
  return {
    ...first.factor,
    mgPerKwh: (product + totalMs / 2n) / totalMs,
    source: [...new Set(factors.map(({ source }) => source))].join(' + '),
    status: WORST_LAST[Math.max(...factors.map(({ status }) => WORST_LAST.indexOf(status)))] ?? 'estimated',
    endsUnixMs: last?.endsUnixMs ?? null,
    dataQuality: factors.map(({ dataQuality }) => dataQuality).reduce((a, b) => (a > b ? a : b)),
    relativeUncertainty: Math.max(...factors.map(({ relativeUncertainty }) => relativeUncertainty)),
    reason: factors.find(({ reason }) => reason !== null)?.reason ?? null,
  }
}
