import type { SensorErrorCode } from './sensor-error.ts'

interface ReadingTimes {
  /** CLOCK_MONOTONIC right before and right after the value was read. */
  readonly beforeNs: bigint
  readonly afterNs: bigint
}

/** One raw value of one channel, or the failure to read it. A failure is never a zero. */
export type Reading =
  | (ReadingTimes & { readonly status: 'counter'; readonly count: bigint })
  | (ReadingTimes & { readonly status: 'power'; readonly powerUw: bigint })
  | FailedReading

export type FailedReading = ReadingTimes & {
  readonly status: 'failed'
  readonly code: SensorErrorCode
  readonly message: string
}

/** One pass over neighbouring channels of a sensor: `readings[i]` is of the channel `first + i` of `open()`. */
export interface Sweep {
  readonly first: number
  readonly readings: readonly Reading[]
}

/** The instant that a reading stands for: the midpoint of its bracket. */
export function readingAtNs(reading: ReadingTimes): bigint {
  return (reading.beforeNs + reading.afterNs) / 2n
}
