import type { Intensity } from '../model/carbon.ts'

/** A statement that ends. */
export interface Period extends Intensity {
  readonly endsUnixMs: number
}

interface Span {
  readonly startsUnixMs: number
  readonly endsUnixMs: number
}

/** Statements over time. Where they overlap, the one that was put last holds: that is how sources revise. */
export class IntensitySeries<P extends Span> {
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

  dropBefore(unixMs: number): void {
    this.#periods.splice(0, this.#firstEndingAfter(unixMs))
  }

  /** What is stated of a time, and until when; of a time without a statement, until when there is none. */
  cover(unixMs: number): { readonly intensity: P | null; readonly untilUnixMs: number } {
    const next = this.#periods[this.#firstEndingAfter(unixMs)]
    if (next === undefined) return { intensity: null, untilUnixMs: Number.POSITIVE_INFINITY }
    if (next.startsUnixMs > unixMs) return { intensity: null, untilUnixMs: next.startsUnixMs }
    return { intensity: next, untilUnixMs: next.endsUnixMs }
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
