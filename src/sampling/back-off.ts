import type { SensorError, SensorErrorCode } from '../model/sensor-error.ts'

const FIRST_MS = 1_000
const LONGEST_MS = 300_000

/** What comes back by itself is awaited soon; what a person must change is looked at now and then. */
const SHORTEST_MS: Readonly<Record<SensorErrorCode, number>> = {
  SENSOR_ABSENT: LONGEST_MS,
  SENSOR_PERMISSION: 60_000,
  SENSOR_TRANSIENT: FIRST_MS,
  SENSOR_TIMEOUT: 10_000,
  SENSOR_CORRUPT: FIRST_MS,
  SENSOR_CLOSED: FIRST_MS,
}

/** A driver is unloaded and loaded again, and its files have their old modes for a moment. */
const PASSING: readonly SensorErrorCode[] = ['SENSOR_ABSENT', 'SENSOR_PERMISSION']

/** How long to wait before a sensor is opened again: doubling, within the bounds of its error. */
export class BackOff {
  #nextMs = FIRST_MS
  #wasOpen = false

  delayMs(error: SensorError): number {
    const shortestMs = this.#wasOpen && PASSING.includes(error.code) ? FIRST_MS : SHORTEST_MS[error.code]
    const ms = Math.max(this.#nextMs, error.retryAfterMs ?? shortestMs)
    this.#nextMs = Math.min(this.#nextMs * 2, LONGEST_MS)
    return ms
  }

  /** The sensor was opened. What was there and readable is awaited soon, should it go. */
  reset(): void {
    this.#nextMs = FIRST_MS
    this.#wasOpen = true
  }
}
