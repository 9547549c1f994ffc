import type { AttributionBatch, AttributionState } from './attribution.ts'
import type { CarbonBatch, CarbonTotals } from './carbon.ts'
import type { Channel, ChannelKey } from './channel.ts'
import type { EventRow } from './event-row.ts'
import type { Part } from './part.ts'
import type { GapReason, Quality } from './posting.ts'
import type { WindowRow } from './window.ts'

export type { EventRow } from './event-row.ts'

/** What integration hands to the ledger: one batch is one transaction. Times are wall-clock labels, UTC. */
export interface LedgerBatch {
  readonly atUnixMs: number
  /** Channels named by this batch that the ledger may not know yet. */
  readonly channels: readonly Channel[]
  readonly channelRows: readonly ChannelRow[]
  readonly nodeRows: readonly NodeRow[]
  readonly partRows: readonly PartRow[]
  readonly gaps: readonly GapRow[]
  readonly events: readonly EventRow[]
  readonly carbon: Omit<CarbonBatch, 'events' | 'totals'>
  readonly consumerRows: AttributionBatch['rows']
  readonly idleRows?: AttributionBatch['idleRows']
  /** Measured windows as they stand; those that have not changed since the last batch may be left out. */
  readonly windows?: readonly WindowRow[]
  /** No later batch has energy of a time before this. */
  readonly settledUnixMs: number
  /** State at the end of this batch: what a restart goes on from. */
  readonly state: LedgerState
}

/** Postings of so long a stretch are one row: what the ledger's raw rows tell of a minute. */
export const ROW_MS = 10_000

/** A piece of a channel's energy inside one UTC minute; one that is longer, inside one hour, is of the hour alone. */
export interface ChannelRow {
  readonly key: ChannelKey
  readonly startUnixMs: number
  readonly endUnixMs: number
  readonly energyUj: bigint
  readonly coveredMs: number
  /** Highest mean power of any posting in this piece. */
  readonly maxUw: bigint
  readonly bridged: boolean
}

/** A piece of the node's energy inside one UTC minute, from one meter. Time is covered by one of the rows alone that share it. */
export interface NodeRow {
  readonly startUnixMs: number
  readonly endUnixMs: number
  readonly meter: string
  readonly quality: Quality
  readonly energyUj: bigint
  /** Standard uncertainty (k = 1). Adds linearly within one meter, in quadrature between meters (GUM 5.2.2). */
  readonly uncertaintyUj: bigint
  readonly coveredMs: number
  /** As booked; null for what is not known. */
  readonly co2eLocationUg: bigint | null
  readonly co2eMarketUg: bigint | null
  readonly embodiedUg: bigint | null
  readonly siteWaterUl: bigint | null
  readonly gridWaterUl: bigint | null
  /** With the site's cooling and supply: the energy times the PUE of its time. */
  readonly facilityUj: bigint
}

/** A piece of one part's energy inside one UTC minute. The parts of a minute sum to the node. */
export interface PartRow extends PartEnergy {
  readonly startUnixMs: number
  readonly endUnixMs: number
}

export interface PartEnergy {
  readonly part: Part
  readonly quality: Quality
  readonly energyUj: bigint
}

export interface GapRow {
  /** Null for the node account; `account/other/<leaf>` for one of its leaves. */
  readonly key: ChannelKey | null
  readonly startedUnixMs: number
  readonly endedUnixMs: number
  readonly reason: GapReason
}

/** Totals since the ledger began, and where each counter stood. Totals never fall. */
export interface LedgerState {
  /** When the ledger began, with every total at zero. */
  readonly bornUnixMs: number
  /** /proc/sys/kernel/random/boot_id: monotonic times mean nothing under another one. */
  readonly bootId: string
  readonly atUnixMs: number
  readonly atMonotonicNs: bigint
  readonly channels: readonly ChannelState[]
  readonly node: NodeState
  /** What was learned of the machine by each meter of the whole. */
  readonly nodeModels: readonly NodeModelState[]
  /** What was learned of single leaves by their meters; absent where nothing is kept of it. */
  readonly leafModels?: readonly LeafModelState[]
  readonly carbon: CarbonTotals
  /** Share of the node's energy that went to this daemon. */
  readonly selfEnergyUj: bigint
  /** Null where nobody splits the node's energy. */
  readonly attribution: AttributionState | null
  /** What totals may have been shown up to, by their names, and may be shown up to until the next flush. */
  readonly ceilings: Ceilings
}

/** By the name of a shown total: see `integration/shown-totals.ts`. */
export type Ceilings = Readonly<Record<string, bigint>>

export interface ChannelState {
  readonly key: ChannelKey
  readonly energyUj: bigint
  readonly unaccountedNs: bigint
  readonly wraps: number
  readonly resets: number
  readonly last: Mark | null
  /** Energy of the unbroken time from `fromNs` to `last` that the node account has not settled yet. */
  readonly unsettled: { readonly fromNs: bigint; readonly energyUj: bigint } | null
}

/** Up to where a channel is accounted for: what a restart under the same boot goes on from. */
export interface Mark {
  /** Last good value of the register; null for power channels, and while a gap is open. */
  readonly count: bigint | null
  readonly atNs: bigint
  /** Unit and range of the register: a count means nothing under another one (powercap today, perf tomorrow). */
  readonly register: string
}

export interface NodeTotals {
  readonly energyUj: Readonly<Record<Quality, bigint>>
  /** The same energy by part: only what is not zero. */
  readonly parts: readonly PartEnergy[]
  /** Time of which nothing of the machine is known. */
  readonly unaccountedNs: bigint
  /** Time of single leaves that nothing knew, while the rest was counted. */
  readonly leafGaps: readonly LeafTime[]
}

export interface LeafTime {
  /** `processors/socket-0` */
  readonly name: string
  readonly unaccountedNs: bigint
}

export interface NodeState extends NodeTotals {
  /** By what the time is counted is decided up to here; null before the first posting. */
  readonly settledNs: bigint | null
  readonly meter: string | null
  /** Leaves of the account that a meter measures. */
  readonly leaves: readonly string[]
  /** Those of them that may still bring energy of decided time. */
  readonly missing: readonly MissingLeaf[]
}

export interface NodeModelState {
  readonly meter: string
  /** How often the machine turned out to be another one than was learned. */
  readonly changes: bigint
  /** True of the meter that told last. */
  readonly isNewest: boolean
  /** As text that only integration reads. */
  readonly learned: string
}

export interface LeafModelState {
  /** `processors/socket-0 estimate`: the leaf, and what stands in for it. */
  readonly name: string
  /** As text that only integration reads. */
  readonly learned: string
}

export interface MissingLeaf {
  readonly name: string
  readonly sinceNs: bigint
}

export interface LedgerHealth {
  readonly writable: boolean
  readonly queuedBatches: number
  /** Batches of which the hours alone are kept, because the queue was full, and rows that could not be written. */
  readonly droppedBatches: number
  readonly sizeBytes: number
  readonly message: string | null
}
