import type { CounterChannel } from '../../model/channel.ts'
import { type Reading, readingAtNs } from '../../model/reading.ts'
import { NS_PER_MS, wattsOf } from '../../model/units.ts'
import type { NvmlGpu } from './gpu.ts'
import { GAIN, IN_STEP_MS, SWING, unseenShare } from './uncertainty.ts'

/** What a counter and the power beside it made of the same time, in joules and seconds. */
export interface Comparison {
  readonly counterJ: number
  readonly powerJ: number
  readonly seconds: number
  /** Standard uncertainty of their difference, in joules. */
  readonly uncertaintyJ: number
}

export type Disagreement = Comparison

/** Beyond so many standard uncertainties, as often in a row, nobody can say any more that both are right. */
const BEYOND = 3
const IN_A_ROW = 3
/** Both begin anew, so that a counter that was right for a day is not believed for another. */
const LONGEST_S = 3_600
/** The driver feeds the counter about every 100 ms. */
const STEP_S = 0.1
/** Powers further apart than this many intervals say nothing of the time between them. */
const MOST_INTERVALS = 3n

interface Point {
  readonly atNs: bigint
  readonly count: bigint
  readonly watts: number
}

/** Watches a GPU's energy counter beside the integral of the power that the same driver tells. */
export class CounterCheck {
  readonly #counter: NvmlGpu
  readonly #witness: NvmlGpu
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
  #disagreement: Disagreement | null = null

  /** @param everyMs how often the two are compared, which is the least time that they are compared over */
  constructor(counter: NvmlGpu, { unitUj, intervalNs }: CounterChannel, witness: NvmlGpu, everyMs: number) {
    this.#counter = counter
    this.#witness = witness
    this.#unitJ = Number(unitUj.numerator) / Number(unitUj.denominator) / 1e6
    this.#intervalNs = intervalNs
    this.#everyS = everyMs / 1_000
  }

  /** The last comparison; null before the first. */
  get comparison(): Comparison | null {
    return this.#comparison
  }

  /** Null while the two can both be right. It stays. */
  get disagreement(): Disagreement | null {
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
    const powerJ = this.#powerJ
    const inStep = SWING * Math.sqrt(Math.min(1, IN_STEP_MS / 1_000 / seconds))
    const unseen = (gpu: NvmlGpu): number => inStep * unseenShare(gpu, (seconds * 1_000) / this.#steps)
    // Both ends of the time: the counter's last step, and a mean that lags behind what it is the mean of.
    const edgesJ = STEP_S * this.#mostW + (this.#witness.windowMs / 1_000) * (this.#mostW - this.#leastW)
    const uncertaintyJ = Math.hypot(
      GAIN * counterJ,
      GAIN * powerJ,
      unseen(this.#counter) * powerJ,
      unseen(this.#witness) * powerJ,
      Math.sqrt(2 / 3) * edgesJ,
    )
    return { counterJ, powerJ, seconds, uncertaintyJ }
  }
}

export function isBeyond({ counterJ, powerJ, uncertaintyJ }: Comparison): boolean {
  return Math.abs(counterJ - powerJ) > BEYOND * uncertaintyJ
}

/** For people: `187.0 J where its power makes 327.0 J in 10 s`. */
export function comparisonText({ counterJ, powerJ, seconds }: Comparison): string {
  return `${counterJ.toFixed(1)} J where its power makes ${powerJ.toFixed(1)} J in ${Number(seconds.toFixed(1))} s`
}

/** Relative standard uncertainty of a power whose counter said otherwise: the truth is anywhere between the two. */
export function doubtOf({ counterJ, powerJ }: Disagreement): number {
  return Math.min(1, Math.abs(counterJ - powerJ) / Math.max(counterJ, powerJ)) / Math.sqrt(3)
}

const secondsBetween = (from: Pick<Point, 'atNs'>, to: Pick<Point, 'atNs'>): number =>
  Number((to.atNs - from.atNs) / (NS_PER_MS / 1_000n)) / 1e6
