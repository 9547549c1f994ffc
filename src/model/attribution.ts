import type { Consumer } from './consumer.ts'
import type { Footprint } from './footprint.ts'
import type { Part } from './part.ts'
import type { Quality } from './posting.ts'

/** What the account grows by for `[startNs, endNs)`, by the leaf that drew it. */
export interface LeafEnergy {
  /** `processors/socket-0`, `accelerators/0000:3b:00.0`; `rest` and `supply_loss` for what the leaves leave. */
  readonly leaf: string
  readonly part: Part
  readonly quality: Quality
  readonly energyUj: bigint
}

/** Splits the node's energy among consumers, to the µJ. */
export interface AttributionAccount {
  /**
   * Goes on from what the ledger holds, before the first posting. `nodeUj` is the node's total as restored, `atUnixMs` the
   * time of the last flush.
   */
  restore(state: AttributionState | null, nodeUj: bigint, atUnixMs: number): void
  /** Takes each posting of the node once, in the order in which they are settled. */
  post(posting: AttributedPosting, startUnixMs: number): void
  /** What was split since the last call, and the state of now. `isLast`: nothing may wait any more. */
  collect(isLast: boolean): AttributionBatch
  /** What a scrape shows, as of now. */
  readonly totals: AttributionTotals
}

export interface AttributedPosting {
  readonly startNs: bigint
  readonly endNs: bigint
  readonly shares: readonly LeafEnergy[]
}

/** The part of a flush that is from attribution. */
export interface AttributionBatch {
  readonly rows: readonly ConsumerRow[]
  readonly idleRows: readonly PartIdleRow[]
  /** Beginning of the energy that waits for the use of its time; null when none does. */
  readonly waitingFromNs: bigint | null
  readonly state: AttributionState
}

/** What one consumer used in one UTC hour, as far as it has come since the last batch. Rows of one consumer and hour add up. */
export interface ConsumerRow {
  readonly hourUnixMs: number
  readonly consumer: Consumer
  /** Name of the tenant at that time. */
  readonly tenant: string
  readonly idleUj: bigint
  readonly dynamicUj: bigint
}

/** What a part drew standing idle in one UTC hour, as far as it has come since the last batch. */
export interface PartIdleRow {
  readonly hourUnixMs: number
  readonly part: Part
  readonly idleUj: bigint
}

/** A part's energy since splitting began. Its sums are those of all consumers. */
export interface PartStates {
  readonly part: Part
  readonly idleUj: bigint
  readonly dynamicUj: bigint
  /** Of a time whose use is not known yet: neither, and soon one of both. */
  readonly waitingUj: bigint
}

/** What a restart goes on from. */
export interface AttributionState extends AttributionTotals {
  /** Of the node's total, what the rows of all batches have: the rest waits for the use of its time. */
  readonly attributedUj: bigint
  /** The same of what is booked for it. */
  readonly attributedBooked: Footprint
  /** What is known of each leaf's idle power, as text that only attribution reads. */
  readonly idle: Readonly<Record<string, string>>
  /** Who had used what of the processors, as text that only attribution reads. */
  readonly lastUse: string
}

/** Totals since each one is exported. They never fall. */
export interface AttributionTotals {
  /** Those that are exported or were and may be again, and `other` for the sum of all that are not. */
  readonly consumers: readonly ConsumerTotal[]
  /** All tenants that were ever seen; their sums are the node's. */
  readonly tenants: readonly TenantTotal[]
  /** Parts of the machine that ever drew anything. */
  readonly parts?: readonly PartStates[]
  /** Cards whose users the driver tells. */
  readonly accelerators?: readonly AcceleratorSharing[]
}

/** `none` holds it, one consumer `alone`, several by turns (`time-sliced`), through MPS, or an instance each (`mig`). */
export type Sharing = 'none' | 'alone' | 'time-sliced' | 'mps' | 'mig'

/** How a card is shared now. */
export interface AcceleratorSharing {
  /** The account's name of the card: `accelerators/0000:3b:00.0`. */
  readonly leaf: string
  /** Null while the driver does not tell. */
  readonly sharing: Sharing | null
  /** Consumers that have it reserved or use it. */
  readonly holders: number
  /** Time of the whole card in which it did nothing for those who held it, since the agent started. It never falls. */
  readonly reservedIdleNs: bigint
}

export interface ConsumerTotal {
  readonly consumer: Consumer
  readonly tenant: string
  readonly idleUj: bigint
  readonly dynamicUj: bigint
  /** Emissions and water of that energy, without what later figures changed. */
  readonly booked: Footprint
  readonly bornUnixMs: number
  /** When its series began to end; null while it counts; NO_SERIES where none is shown, and its counter waits to go on. */
  readonly goneUnixMs: number | null
}

export const NO_SERIES = 0

export interface TenantTotal {
  readonly tenant: string
  readonly idleUj: bigint
  readonly dynamicUj: bigint
}

/** The account at the end of the last UTC hour that will not change any more, except by restatement. */
export interface Settled {
  readonly untilUnixMs: number
  readonly node: SettledTotal
  readonly tenants: ReadonlyMap<string, SettledTotal>
}

export interface SettledTotal extends Footprint {
  readonly energyUj: bigint
}
