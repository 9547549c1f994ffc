import { ROWS_PER_SLICE, type Sliced } from '../../io/slices.ts'

/** From its start to before its end. */
export interface Stretch {
  readonly startsUnixMs: number
  readonly endsUnixMs: number
}

export const ALL_TIME: Stretch = { startsUnixMs: Number.NEGATIVE_INFINITY, endsUnixMs: Number.POSITIVE_INFINITY }

/** The shortest stretch that holds both. */
export function joined(a: Stretch | null, b: Stretch | null): Stretch | null {
  if (a === null || b === null) return a ?? b
  return {
    startsUnixMs: Math.min(a.startsUnixMs, b.startsUnixMs),
    endsUnixMs: Math.max(a.endsUnixMs, b.endsUnixMs),
  }
}

/** What is known of a time, and until when that is so: later than the time, at most Infinity. */
export interface Found<P> {
  readonly period: P | null
  readonly untilUnixMs: number
}

/** Statements over time. Where they overlap, the one that was put last holds: that is how sources revise. */
export class TimeSeries<P extends Stretch> {
  /** Ascending, without overlap. */
  #periods: P[] = []

  put(period: P): void {
    const { startsUnixMs, endsUnixMs } = period
    const from = this.#firstEndingAfter(startsUnixMs)
    let to = from
    while ((this.#periods[to]?.startsUnixMs ?? Number.POSITIVE_INFINITY) < endsUnixMs) to += 1
    const pieces: P[] = [period]
    const [first, last] = [this.#periods[from], this.#periods[to - 1]]
    if (first !== undefined && first.startsUnixMs < startsUnixMs) pieces.unshift({ ...first, endsUnixMs: startsUnixMs })
    if (to > from && last !== undefined && last.endsUnixMs > endsUnixMs) {
      pieces.push({ ...last, startsUnixMs: endsUnixMs })
    }
    this.#periods.splice(from, to - from, ...pieces)
  }

  /** Puts many, one after the other. Those that do not overlap may come in any order: newest first, each would move all others. */
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

  /** Those that end within a time, its end included. */
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
