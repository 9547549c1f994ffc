import type { Quality } from './posting.ts'
import type { Rational } from './rational.ts'

/** What a channel covers. Scopes overlap: `core` and `uncore` lie inside `package`, `dram` does not, `psys` holds both. */
export type Scope =
  | 'ac_in'
  | 'dc_node'
  | 'psys'
  | 'package'
  | 'core'
  | 'uncore'
  | 'dram'
  | 'gpu'
  | 'module'
  | 'psu'
  | 'fan'
  | 'other'

interface ChannelBase {
  /** Family of channels read through one interface: `rapl`, `nvml`, `ipmi`, ... */
  readonly sensor: string
  readonly scope: Scope
  /** Stable across reboots and unique within sensor and scope: `package-0`, `GPU-5f6e...`, `bmc`. */
  readonly device: string
  readonly quality: Quality
  /** No reading implies more than this: a larger one is SENSOR_CORRUPT. Also bounds how soon a register can wrap. */
  readonly maxPowerUw: bigint
  /** Relative standard uncertainty (k = 1) of the channel's energy. */
  readonly relativeUncertainty: number
  /** The meter of the whole machine that this channel is, alone or summed with others of the same name; null for a part. */
  readonly nodeMeter: string | null
  /**
   * The piece of the machine that is measured, named by its place and alike by every sensor that reads it: `socket-0`,
   * `socket-0/die-1`, the PCI address `0000:3b:00.0`. A place contains those that continue it after a slash. Null for
   * what lies inside another channel of the same sensor, for a meter of the whole machine, and where nobody knows.
   */
  readonly hardware: string | null
  /** Time between two readings, for gaps and patience. */
  readonly intervalNs: bigint
  /** One of several that are the machine's meter together: while one of them is unknown, the others are no machine. */
  readonly isShare?: boolean
  /** Free facts for `doctor`: path, resolution, register range, ... */
  readonly facts: Readonly<Record<string, string>>
}

/** A register that only grows. */
export interface CounterChannel extends ChannelBase {
  readonly kind: 'counter'
  /** Number of states of the register in counts; null when it is not a fixed-width register and so never wraps. */
  readonly modulus: bigint | null
  /** µJ per count, exact. */
  readonly unitUj: Rational
  /** Since when it counts, where its sensor is told: from another time on it is another register. */
  readonly since?: string
  /** Its sensor could not read which register this is: none of its readings counts, and where it stood stays known. */
  readonly isUnidentified?: boolean
}

/** Power at an instant, to be integrated. */
export interface PowerChannel extends ChannelBase {
  readonly kind: 'power'
  /** A log of the meter that this channel is: its readings are of the past, and count where an earlier run left that one. */
  readonly fills?: ChannelKey
}

export type Channel = CounterChannel | PowerChannel

/** See `PowerChannel.fills`. */
export type LogChannel = PowerChannel & { readonly fills: ChannelKey }

export const isLog = (channel: Channel): channel is LogChannel =>
  channel.kind === 'power' && channel.fills !== undefined

/** `sensor/scope/device`, the identity under which the ledger keeps a channel. */
export type ChannelKey = `${string}/${Scope}/${string}`

export function channelKey(channel: Pick<Channel, 'sensor' | 'scope' | 'device'>): ChannelKey {
  return `${channel.sensor}/${channel.scope}/${channel.device}`
}
