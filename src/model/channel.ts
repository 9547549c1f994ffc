import type { Quality } from './posting.ts'
import type { Rational } from './units.ts'

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
  /** Relative standard uncertainty (k = 1) of the channel's energy, with its origin in `reference/methods.md`, section 8. */
  readonly relativeUncertainty: number
  /**
   * Set on a channel that (alone or summed with others of the same `meter`) is the whole machine.
   * Among meters of equal scope the lower rank wins. Null: a part of the machine.
   */
  readonly nodeMeter: { readonly meter: string; readonly rank: number } | null
  /** True when the channel counts in the sum of components of the node account, false when another channel contains it. */
  readonly component: boolean
  /** Time between two readings, for gaps and patience. */
  readonly intervalNs: bigint
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
}

/** Power at an instant, to be integrated. */
export interface PowerChannel extends ChannelBase {
  readonly kind: 'power'
}

export type Channel = CounterChannel | PowerChannel

/** `sensor/scope/device`, the identity under which the ledger keeps a channel. */
export type ChannelKey = `${string}/${Scope}/${string}`

export function channelKey(channel: Pick<Channel, 'sensor' | 'scope' | 'device'>): ChannelKey {
  return `${channel.sensor}/${channel.scope}/${channel.device}`
}
