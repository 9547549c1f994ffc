import type { Factor, FigureStatus, Intensity, IntensityBasis } from '../../model/carbon.ts'
import type { Slot } from '../time/slot.ts'
import { ALL_TIME, joined, type Stretch } from '../time/time-series.ts'
import type { IntensitySource } from './source.ts'
import type { SourceChange } from './source-change.ts'

/** What holds for the grid at a moment. */
export interface GridFigure {
  readonly factor: Factor & { readonly mgPerKwh: bigint }
  readonly intensity: Intensity
  readonly rank: number
  readonly untilUnixMs: number
  /** The length of the intervals in which a better figure is expected; Infinity when none is. */
  readonly grainMs: number
}

/** Expected figures come at this distance, unless their source says otherwise. */
const USUAL_GRAIN_MS = 15 * 60_000
/** A file whose last line spans a second must not make 3,600 bookings an hour. Finer figures are averaged. */
const LEAST_GRAIN_MS = 5 * 60_000

/** The grid's intensity at any time, from sources in order of preference. */
export class GridFigures {
  readonly #sources: readonly IntensitySource[]
  #rank = 0
  #seen: readonly number[] | null = null

  /** `sources` in order of preference. The last one covers every time. */
  constructor(sources: readonly IntensitySource[]) {
    this.#sources = sources
  }

  /**
   * The figure of the first source that covers a time. A stand-in for a preferred source is an estimate, whatever its
   * status.
   */
  at(unixMs: number): GridFigure {
    let until = Number.POSITIVE_INFINITY
    let grainMs = Number.POSITIVE_INFINITY
    for (const [rank, source] of this.#sources.entries()) {
      const { intensity: stated, untilUnixMs } = source.cover(unixMs)
      until = Math.min(until, untilUnixMs)
      const isHeld = stated !== null && stated.status === 'estimated' && stated.endsUnixMs !== null
      const awaitedMs = Math.max(source.resolutionMs ?? USUAL_GRAIN_MS, LEAST_GRAIN_MS)
      if (stated === null || isHeld) grainMs = Math.min(grainMs, awaitedMs)
      if (stated === null) continue
      const intensity: Intensity = rank === 0 ? stated : { ...stated, status: 'estimated' }
      const reason = rank === 0 ? null : this.#reasonAgainst(this.#sources[0])
      return { rank, intensity, factor: { ...intensity, instrument: 'grid', reason }, untilUnixMs: until, grainMs }
    }
    throw new Error(`no source covers ${new Date(unixMs).toISOString()}: the last one must cover every time`)
  }

  /**
   * One figure for a slot, as the sources know it now. Several figures for parts of it give their mean by time, or null
   * where they differ in basis and so have no mean.
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

  /** The change when a source other than the last one counts from a time on; null when it is the same. */
  follow({ rank, intensity }: GridFigure, atUnixMs: number): SourceChange | null {
    const [from, to] = [this.#sources[this.#rank], this.#sources[rank]]
    const isFallback = rank > this.#rank
    this.#rank = rank
    return from === to || from === undefined || to === undefined ? null : { from, to, intensity, atUnixMs, isFallback }
  }

  /** The time for which `at` may have changed since the last call; null for none. The first call gives all time. */
  takeChange(): Stretch | null {
    const seen = this.#seen
    this.#seen = this.#sources.map(({ revision }) => revision)
    if (seen === null) return ALL_TIME
    return this.#sources
      .map((source, index) => {
        const since = seen[index] ?? 0
        return source.revision === since ? null : (source.changedSince?.(since) ?? ALL_TIME)
      })
      .reduce(joined, null)
  }

  get bases(): readonly IntensityBasis[] {
    return [...new Set(this.#sources.map(({ basis }) => basis))]
  }

  #reasonAgainst(preferred: IntensitySource | undefined): string {
    return `${preferred?.name}: ${preferred?.problem ?? 'it has no figure for this time'}`
  }
}

/** Whether two figures look the same to a reader. */
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
