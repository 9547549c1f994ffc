import type { CounterChannel } from '../model/channel.ts'
import { type Reading, readingAtNs } from '../model/reading.ts'
import { wattsOf } from '../model/units.ts'

/** k = 1. A card's gain is within 5 % of the truth (arXiv 2312.02741): rectangular. */
export const GAIN = 0.05 / Math.sqrt(3)

/**
 * k = 1, of what a look at a part of the time does not see while the load keeps step with it: power that swings by a half of
 * itself has a spread of 0.5/√12 over a mean of 0.75.
 */
export const SWING = 0.5 / Math.sqrt(12) / 0.75
/** After this time the load is taken to be out of step again. */
export const IN_STEP_MS = 60_000

/** What a counter and the power beside it made of the same time, in joules and seconds. */
export interface Comparison {
  readonly counterJ: number
  readonly powerJ: number
  readonly seconds: number
  /** Standard uncertainty of their difference, in joules. */
  readonly uncertaintyJ: number
}

/** What a counter and the power beside it see of a card. */
export interface Sight {
  /** Share of the time that the counter does not see. */
  readonly unseenByCounter: number
  /** Share of the time that the power does not see, read each `intervalMs`. */
  unseenByPower(intervalMs: number): number
  /** How much time the power is the mean of, in ms. */
  readonly windowMs: number
}

/** Of firmware that counts all of the time; how it makes its mean is nowhere told: taken for one of a tenth of a second. */
export const OF_FIRMWARE: Sight = {
  unseenByCounter: 0,
  unseenByPower: (intervalMs) => Math.max(0, 1 - 100 / intervalMs),
  windowMs: 1_000,
}

/** Beyond so many standard uncertainties, as often in a row, nobody can say any more that both are right. */
const BEYOND = 3
const IN_A_ROW = 3
/** Both begin anew, so that a counter that was right for a day is not believed for another. */
const LONGEST_S = 3_600
/** A driver feeds its counter about every 100 ms. */
const STEP_S = 0.1
/** Powers further apart than this many intervals say nothing of the time between them. */
const MOST_INTERVALS = 3n

interface Point {
  readonly atNs: bigint
  readonly count: bigint
  readonly watts: number
}

/** Watches a card's energy counter beside the integral of the power that the same driver tells. */
export class CounterCheck {
  readonly #sight: Sight
  readonly #unitJ: number
  readonly #intervalNs: bigint
  readonly #everyS: number
  #first: Point | null = null
  #last: Point | null = null
  #powerJ = 0
  #leastW = 0
  #mostW = 0
  #steps = 0
  #dueS = 0
  #inARow = 0
  #comparison: Comparison | null = null
  #disagreement: Comparison | null = null

  /**
   * @param intervalNs time between two readings: what a card did in a longer pause its power does not tell
   * @param everyMs how often the two are compared, which is the least time that they are compared over
   */
  constructor({ unitUj, intervalNs }: Pick<CounterChannel, 'unitUj' | 'intervalNs'>, sight: Sight, everyMs: number) {
    this.#sight = sight
    this.#unitJ = Number(unitUj.numerator) / Number(unitUj.denominator) / 1e6
    this.#intervalNs = intervalNs
    this.#everyS = everyMs / 1_000
  }

  /** The last comparison; null before the first. */
  get comparison(): Comparison | null {
    return this.#comparison
  }

  /** Null while the two can both be right. It stays. */
  get disagreement(): Comparison | null {
    return this.#disagreement
  }

  /** One pass. A failed reading says nothing, and a counter that falls begins anew. */
  observe(counter: Reading, power: Reading): void {
    if (counter.status !== 'counter' || power.status !== 'power' || this.#disagreement !== null) return
    const point = { atNs: readingAtNs(counter), count: counter.count, watts: wattsOf(power.powerUw) }
    const last = this.#last
    if (last !== null && point.atNs <= last.atNs) return
    const isNext = last !== null && point.atNs - last.atNs <= MOST_INTERVALS * this.#intervalNs
    if (last === null || !isNext || point.count < last.count) {
      this.#begin(point)
      return
    }
    this.#add(last, point)
    this.#compareWhenDue(this.#first ?? last, point)
  }

  #begin(point: Point): void {
    this.#first = point
    this.#last = point
    this.#powerJ = 0
    this.#leastW = point.watts
    this.#mostW = point.watts
    this.#steps = 0
    this.#dueS = this.#everyS
  }

  #add(last: Point, point: Point): void {
    this.#powerJ += ((last.watts + point.watts) / 2) * secondsBetween(last, point)
    this.#leastW = Math.min(this.#leastW, point.watts)
    this.#mostW = Math.max(this.#mostW, point.watts)
    this.#steps += 1
    this.#last = point
  }

  #compareWhenDue(first: Point, last: Point): void {
    const seconds = secondsBetween(first, last)
    if (seconds < this.#dueS) return
    this.#dueS = seconds + this.#everyS
    const comparison = this.#comparisonOf(Number(last.count - first.count) * this.#unitJ, seconds)
    this.#comparison = comparison
    this.#inARow = isBeyond(comparison) ? this.#inARow + 1 : 0
    if (this.#inARow >= IN_A_ROW) this.#disagreement = comparison
    if (seconds >= LONGEST_S) this.#begin(last)
  }

  #comparisonOf(counterJ: number, seconds: number): Comparison {
    const { unseenByCounter, windowMs } = this.#sight
    const powerJ = this.#powerJ
    const inStepJ = powerJ * SWING * Math.sqrt(Math.min(1, IN_STEP_MS / 1_000 / seconds))
    // Both ends of the time: the counter's last step, and a mean that lags behind what it is the mean of.
    const edgesJ = STEP_S * this.#mostW + (windowMs / 1_000) * (this.#mostW - this.#leastW)
    const uncertaintyJ = Math.hypot(
      GAIN * counterJ,
      GAIN * powerJ,
      unseenByCounter * inStepJ,
      this.#sight.unseenByPower((seconds * 1_000) / this.#steps) * inStepJ,
      Math.sqrt(2 / 3) * edgesJ,
    )
    return { counterJ, powerJ, seconds, uncertaintyJ }
  }
}

export function isBeyond({ counterJ, powerJ, uncertaintyJ }: Comparison): boolean {
  return Math.abs(counterJ - powerJ) > BEYOND * uncertaintyJ
}

/** For people: `187.0 J where its power makes 327.0 J in 5 s`. */
export function comparisonText({ counterJ, powerJ, seconds }: Comparison): string {
  return `${counterJ.toFixed(1)} J where its power makes ${powerJ.toFixed(1)} J in ${Number(seconds.toFixed(1))} s`
}

/** What a power is uncertain of beside a counter that said otherwise: the truth is anywhere between the two (k = 1). */
export function doubtOf(disagreement: Comparison | null): number {
  if (disagreement === null) return 0
  const { counterJ, powerJ } = disagreement
  return Math.min(1, Math.abs(counterJ - powerJ) / Math.max(counterJ, powerJ)) / Math.sqrt(3)
}

/** For people: why the power counts. */
export function doubtFacts(disagreement: Comparison | null): Readonly<Record<string, string>> {
  if (disagreement === null) return {}
  return { check: `the energy counter is not counted: it made ${comparisonText(disagreement)}` }
}

const secondsBetween = (from: Pick<Point, 'atNs'>, to: Pick<Point, 'atNs'>): number => Number(to.atNs - from.atNs) / 1e9
