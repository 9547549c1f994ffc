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

/** How long to wait before a sensor is opened again: doubling, within the bounds of its error. */
export class BackOff {
  #nextMs = FIRST_MS

  delayMs(error: SensorError): number {
    const ms = Math.max(this.#nextMs, error.retryAfterMs ?? SHORTEST_MS[error.code])
    this.#nextMs = Math.min(this.#nextMs * 2, LONGEST_MS)
    return ms
  }

  reset(): void {
    this.#nextMs = FIRST_MS
  }
}
