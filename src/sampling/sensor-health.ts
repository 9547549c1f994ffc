import { most } from '../model/bigint.ts'
import { type FailedReading, readingAtNs, type Sweep } from '../model/reading.ts'
import type { SensorErrorCode } from '../model/sensor-error.ts'
import type { HistogramSnapshot } from '../model/snapshot.ts'

/** Slow, and not done when the next pass is due; the mean says the rest, and each bound is a series of each sensor. */
const READ_SECONDS_BOUNDS: readonly number[] = [0.1, 1]

/** What is known of one sensor's readings: counts, ages, durations. */
export class SensorHealth {
  readonly #failures: Partial<Record<SensorErrorCode, number>> = {}
  readonly #counts = new Array<number>(READ_SECONDS_BOUNDS.length + 1).fill(0)
  #sumSeconds = 0
  #lastGoodNs: bigint | null = null
  #failedSweeps = 0
  #lastFailure: FailedReading | null = null

  fail(code: SensorErrorCode): void {
    this.#failures[code] = (this.#failures[code] ?? 0) + 1
  }

  observe({ readings }: Sweep): void {
    const first = readings[0]
    const last = readings.at(-1)
    if (first === undefined || last === undefined) return
    this.#time(Number(last.afterNs - first.beforeNs) / 1e9)
    let goodNs: bigint | null = null
    for (const reading of readings) {
      if (reading.status === 'failed') {
        this.fail(reading.code)
        this.#lastFailure = reading
      } else goodNs = most(goodNs ?? 0n, readingAtNs(reading))
    }
    this.#failedSweeps = goodNs === null ? this.#failedSweeps + 1 : 0
    this.#lastGoodNs = goodNs ?? this.#lastGoodNs
  }

  /** Sweeps in a row without one good reading. */
  get failedSweeps(): number {
    return this.#failedSweeps
  }

  get lastGoodNs(): bigint | null {
    return this.#lastGoodNs
  }

  get lastFailure(): FailedReading | null {
    return this.#lastFailure
  }

  get failures(): Readonly<Partial<Record<SensorErrorCode, number>>> {
    return { ...this.#failures }
  }

  get readSeconds(): HistogramSnapshot {
    return { bounds: READ_SECONDS_BOUNDS, counts: [...this.#counts], sumSeconds: this.#sumSeconds }
  }

  /** A sensor opened anew starts with a clean record of sweeps; the counts go on. */
  reopened(): void {
    this.#failedSweeps = 0
  }

  #time(seconds: number): void {
    const bucket = READ_SECONDS_BOUNDS.findIndex((bound) => seconds <= bound)
    const index = bucket === -1 ? READ_SECONDS_BOUNDS.length : bucket
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#sumSeconds += seconds
  }
}
