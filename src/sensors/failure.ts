import { constants } from 'node:os'
import { getSystemErrorMessage, getSystemErrorName } from 'node:util'
import type { SensorError } from '../model/sensor-error.ts'

/** What a failed reading says of an error. */
export function failureOf({ code, message, remedy }: SensorError) {
  return { code, message: remedy === undefined ? message : `${message}. Remedy: ${remedy}` }
}

const { ENOENT, ENXIO, ENODEV, EACCES, EPERM } = constants.errno

/**
 * Why a device node could not be opened, as a sentence.
 * @param reason why there is none, where more is known
 */
export function nodeText(path: string, errno: number, reason?: string): string {
  const because = reason === undefined ? '' : `: ${reason}`
  if (errno === ENOENT) return `there is no ${path}${because}`
  if (errno === ENXIO || errno === ENODEV) return `nothing answers behind ${path}${because}`
  if (errno === EACCES) return `${path} is not for this user: its mode forbids it`
  if (errno === EPERM)
    return `${path} is not for this service: its unit's list of devices or its capabilities forbid it`
  return `${path}: ${errnoText(errno)}`
}

/** For people: `EACCES: permission denied`. */
export function errnoText(errno: number): string {
  return `${getSystemErrorName(-errno)}: ${getSystemErrorMessage(-errno)}`
}
