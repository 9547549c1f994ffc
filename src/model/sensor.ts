import type { Channel } from './channel.ts'
import type { Sweep } from './reading.ts'
import type { ToldParts } from './told-parts.ts'

/**
 * A family of channels read together. Constructors only store their arguments.
 * All methods run on the event loop and return soon: slow hardware is waited for on a native thread.
 */
export interface Sensor {
  readonly name: string
  /** A reading takes microseconds and waits for no firmware and no bus: it may be asked for whenever somebody looks. */
  readonly isQuick: boolean
  /** Of one that is read when it is drained: how often that has to be. */
  readonly drainedEachMs?: number
  /**
   * Finds the hardware and begins to read it at its interval. Rejects with a SensorError: SENSOR_ABSENT when there is
   * none, SENSOR_PERMISSION with the remedy. May be called again after `close()`.
   */
  open(signal: AbortSignal): Promise<readonly Channel[]>
  /** Hardware that the last `open()` saw and that tells no power, a sentence each for a person. */
  readonly unmetered?: readonly string[]
  /** Parts of the machine that its interface tells, another object whenever it was asked anew. Left out: it tells of none. */
  readonly told?: ToldParts | null
  /** µJ that hardware drew because it was asked, since the sensor was made. Left out: nothing worth counting. */
  readonly selfUj?: bigint
  /** What was read since the last call, oldest first within each channel. A bad channel is a failed reading. */
  drain(): readonly Sweep[]
  /** Reads every channel once more, for the edges of a measured window; `drain()` delivers these sweeps too. */
  readNow(signal: AbortSignal): Promise<readonly Sweep[]>
  /** True when `open()` would now find other channels: a zone came, went or moved. Asked once a minute and after failures. */
  changed(): Promise<boolean>
  /** Idempotent; safe before `open()`, during it and after its failure. Resolves in bounded time though the hardware hangs. */
  close(): Promise<void>
}
