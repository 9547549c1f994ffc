import type { LeafEnergy } from '../model/attribution.ts'

/** What the machine's account grows by for a stretch of time. Several may come for one stretch, in any order. */
export interface NodePosting {
  readonly startNs: bigint
  readonly endNs: bigint
  /** The meter of the whole machine, or `components` or `estimate` for a sum of leaves. */
  readonly meter: string
  readonly shares: readonly LeafEnergy[]
  /** Standard uncertainty in µJ by what is wrong together (see `UncertaintyBudget`): what this posting adds. */
  readonly uncertainty: ReadonlyMap<string, number>
}

/** What happened to the account, for the ledger. */
export interface AccountEvent {
  readonly what: string
  readonly detail: string
  /** Whose state it is, where that may flap. */
  readonly about?: string
}

/** Time of a leaf that nothing knows, while the rest of the machine is counted. */
export interface LeafGap {
  /** `accelerators/0000:3b:00.0` */
  readonly leaf: string
  readonly startNs: bigint
  readonly endNs: bigint
}

/** A stretch of time that is decided. */
export interface Coverage {
  readonly startNs: bigint
  readonly endNs: bigint
  /** What is counted of it by now; null for a gap of the whole machine. */
  readonly counted: NodePosting | null
}

export function energyOf(shares: readonly Pick<LeafEnergy, 'energyUj'>[]): bigint {
  return shares.reduce((sum, { energyUj }) => sum + energyUj, 0n)
}
