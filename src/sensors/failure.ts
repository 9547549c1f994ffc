import { getSystemErrorMessage, getSystemErrorName } from 'node:util'
import type { SensorError } from '../model/sensor-error.ts'

/** What a failed reading says of an error. */
export function failureOf({ code, message, remedy }: SensorError) {
  return { code, message: remedy === undefined ? message : `${message}. Remedy: ${remedy}` }
}

/** For people: `EACCES: permission denied`. */
export function errnoText(errno: number): string {
  return `${getSystemErrorName(-errno)}: ${getSystemErrorMessage(-errno)}`
}
