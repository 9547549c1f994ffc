import { readBounded, UnfitFile } from '../../io/bounded-file.ts'
import { SensorError } from '../../model/sensor-error.ts'

/** A first line with a number is far shorter; what follows it is read and not looked at. */
const MOST_BYTES = 4_096
/** The program that writes the file may start after the agent. */
const RETRY_MS = 5_000

export interface FirstLine {
  readonly text: string
  /** When it was written, by the wall clock. */
  readonly writtenUnixMs: number
  /** Differs between any two times that it was written. */
  readonly stamp: string
}

/** Throws a SensorError. Never waits: what is no regular file, and what is long, is refused. */
export function readFirstLine(path: string): FirstLine {
  try {
    const { bytes, stats } = readBounded(path, MOST_BYTES)
    const [text = ''] = bytes.toString('latin1').split('\n', 1)
    return { text, writtenUnixMs: stats.mtimeMs, stamp: `${stats.ino} ${stats.mtimeMs}` }
  } catch (cause) {
    throw errorOf(path, cause as NodeJS.ErrnoException)
  }
}

function errorOf(path: string, cause: NodeJS.ErrnoException): SensorError {
  if (cause instanceof UnfitFile) return new SensorError('SENSOR_CORRUPT', cause.message, { cause })
  switch (cause.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new SensorError('SENSOR_ABSENT', `${path} is not there`, {
        cause,
        retryAfterMs: RETRY_MS,
        remedy: 'check path of the entry in sensors.file.inputs, and that what writes the file runs',
      })
    case 'EACCES':
    case 'EPERM':
      return new SensorError('SENSOR_PERMISSION', `${path} may not be read`, {
        cause,
        remedy: `whatever writes it has to run, each time: chgrp wattledger ${path} && chmod g+r ${path}`,
      })
    default:
      return new SensorError('SENSOR_TRANSIENT', `${path} cannot be read: ${cause.code ?? cause.message}`, { cause })
  }
}
