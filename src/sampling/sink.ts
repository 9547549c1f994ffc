import type { Channel, ChannelKey } from '../model/channel.ts'
import type { Sweep } from '../model/reading.ts'

/** Where readings go. The part of integration that sampling needs. */
export interface ReadingSink {
  setChannels(sensor: string, channels: readonly Channel[]): void
  /** Returns the readings that cannot be true. */
  accept(sensor: string, sweeps: readonly Sweep[]): readonly { readonly key: ChannelKey; readonly message: string }[]
  openAccount(): void
  tick(): void
  note(what: string, detail: string): void
}
