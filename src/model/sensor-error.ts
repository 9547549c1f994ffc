/** Why something cannot be read. The code is stable and matched by programs; the message tells a person what to do. */
export type SensorErrorCode =
  | 'SENSOR_ABSENT'
  | 'SENSOR_PERMISSION'
  | 'SENSOR_TRANSIENT'
  | 'SENSOR_TIMEOUT'
  | 'SENSOR_CORRUPT'
  | 'SENSOR_CLOSED'

export interface SensorErrorOptions extends ErrorOptions {
  /** The exact command or drop-in that makes the sensor usable. */
  readonly remedy?: string
  /** No sooner than this may the sensor be opened again. */
  readonly retryAfterMs?: number
  /** Nobody has named anything for it to read, which is no news for a log. */
  readonly isUnconfigured?: boolean
}

export class SensorError extends Error {
  readonly code: SensorErrorCode
  readonly remedy: string | undefined
  readonly retryAfterMs: number | undefined
  readonly isUnconfigured: boolean

  constructor(code: SensorErrorCode, message: string, options: SensorErrorOptions = {}) {
    super(message, options)
    this.name = 'SensorError'
    this.code = code
    this.remedy = options.remedy
    this.retryAfterMs = options.retryAfterMs
    this.isUnconfigured = options.isUnconfigured ?? false
  }
}
