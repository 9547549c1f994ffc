import type { Channel, ChannelKey } from '../model/channel.ts'
import type { Sweep } from '../model/reading.ts'

/** A reading that its channel rejects, and why. */
export interface Rejection {
  readonly key: ChannelKey
  readonly message: string
}

/** Where readings go. The part of integration that sampling needs. */
export interface ReadingSink {
  setChannels(sensor: string, channels: readonly Channel[]): void
  /** Returns the readings that cannot be true. */
  accept(sensor: string, sweeps: readonly Sweep[]): readonly Rejection[]
  openAccount(): void
  tick(): void
  note(what: string, detail: string): void
}
