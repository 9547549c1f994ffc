/** How a number was obtained: by a meter of that scope, by a calibrated relation from measurements, by a model alone. */
export type Quality = 'measured' | 'derived' | 'estimated'

export const QUALITIES: readonly Quality[] = ['measured', 'derived', 'estimated']

/** Energy over `[startNs, endNs)` of the monotonic clock. */
export interface Posting {
  readonly startNs: bigint
  readonly endNs: bigint
  readonly energyUj: bigint
  /** The energy spans a time in which nothing was read: the counter went on alone. */
  readonly bridged: boolean
}

/**
 * Why a time has no posting. `start`: nothing was known before; `late`: power readings further apart than three
 * intervals; `restart`, `reboot`, `suspend`: nobody was reading; `reset`, `ambiguous`, `corrupt`: the counter fell, may
 * have wrapped unseen, or said a number that cannot be; `stalled`: it was read but stood still for longer than anything
 * alive does; `absent`: no usable source.
 */
export type GapReason =
  | 'start'
  | 'late'
  | 'restart'
  | 'reboot'
  | 'suspend'
  | 'reset'
  | 'ambiguous'
  | 'stalled'
  | 'corrupt'
  | 'absent'

/** Time of a channel or of the account that no posting covers. */
export interface Gap {
  readonly startNs: bigint
  readonly endNs: bigint
  readonly reason: GapReason
}
