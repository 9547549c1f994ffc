import { ROWS_PER_SLICE, type Sliced } from '../../io/slices.ts'

/** From its start to before its end. */
export interface Stretch {
  readonly startsUnixMs: number
  readonly endsUnixMs: number
}

export const ALL_TIME: Stretch = { startsUnixMs: Number.NEGATIVE_INFINITY, endsUnixMs: Number.POSITIVE_INFINITY }

/** The shortest stretch that contains both. */
export function joined(a: Stretch | null, b: Stretch | null): Stretch | null {
  if (a === null || b === null) return a ?? b
  return {
    startsUnixMs: Math.min(a.startsUnixMs, b.startsUnixMs),
    endsUnixMs: Math.max(a.endsUnixMs, b.endsUnixMs),
  }
}

/** Milliseconds from its start to its end; null of none. */
export function lengthOf(stretch: Stretch | null): number | null {
  return stretch === null ? null : stretch.endsUnixMs - stretch.startsUnixMs
}

/** The period that holds at a time, if any, and until when that is so: later than the time, at most Infinity. */
export interface Found<P> {
  readonly period: P | null
  readonly untilUnixMs: number
}

/** Periods in order of time. A period replaces whatever it overlaps: that is how sources revise. */
export class TimeSeries<P extends Stretch> {
  /** Ascending, without overlap. */
  #periods: P[] = []

  put(period: P): void {
    const { startsUnixMs, endsUnixMs } = period
    const from = this.#firstEndingAfter(startsUnixMs)
    let to = from
    while ((this.#periods[to]?.startsUnixMs ?? Number.POSITIVE_INFINITY) < endsUnixMs) to += 1
    const kept: P[] = [period]
    const [first, last] = [this.#periods[from], this.#periods[to - 1]]
    if (first !== undefined && first.startsUnixMs < startsUnixMs) kept.unshift({ ...first, endsUnixMs: startsUnixMs })
    if (to > from && last !== undefined && last.endsUnixMs > endsUnixMs) {
      kept.push({ ...last, startsUnixMs: endsUnixMs })
    }
    this.#periods.splice(from, to - from, ...kept)
  }

  /**
   * Puts many, in their order. Those without overlap are sorted first, since newest first each would move all others.
   */
  *putAll(periods: readonly P[]): Sliced<void> {
    const sorted = periods.toSorted((a, b) => a.startsUnixMs - b.startsUnixMs)
    const isApart = sorted.every(
      ({ startsUnixMs }, index) => (sorted[index - 1]?.endsUnixMs ?? -Infinity) <= startsUnixMs,
    )
    for (const [index, period] of (isApart ? sorted : periods).entries()) {
      this.put(period)
      if (index % ROWS_PER_SLICE === 0) yield
    }
  }

  dropBefore(unixMs: number): void {
    this.#periods.splice(0, this.#firstEndingAfter(unixMs))
  }

  at(unixMs: number): Found<P> {
    const next = this.#periods[this.#firstEndingAfter(unixMs)]
    if (next === undefined) return { period: null, untilUnixMs: Number.POSITIVE_INFINITY }
    if (next.startsUnixMs > unixMs) return { period: null, untilUnixMs: next.startsUnixMs }
    return { period: next, untilUnixMs: next.endsUnixMs }
  }

  get last(): P | null {
    return this.#periods.at(-1) ?? null
  }

  /** The periods that end within a time, its end included. */
  endingWithin(afterUnixMs: number, untilUnixMs: number): readonly P[] {
    return this.#periods.slice(this.#firstEndingAfter(afterUnixMs), this.#firstEndingAfter(untilUnixMs))
  }

  #firstEndingAfter(unixMs: number): number {
    let [low, high] = [0, this.#periods.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#periods[middle]?.endsUnixMs ?? 0) > unixMs) high = middle
      else low = middle + 1
    }
    return low
  }
}
