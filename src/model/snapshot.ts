import type { AttributionTotals, Settled } from './attribution.ts'
import type { LedgerHealth, NodeTotals } from './batch.ts'
import type { CarbonTotals, Counted, ShownIntensity } from './carbon.ts'
import type { Scope } from './channel.ts'
import type { Part } from './part.ts'
import type { SensorErrorCode } from './sensor-error.ts'
import type { WorkloadSnapshot } from './workload.ts'

/**
 * What a scrape shows: deeply immutable and replaced as a whole. Totals are those of the last reading, as far as the ledger
 * has a ceiling for them, so that no crash can make an exported counter fall. Gauges are those of the moment.
 */
export interface Snapshot {
  readonly atUnixMs: number
  readonly node: NodeSnapshot
  readonly channels: readonly ChannelSnapshot[]
  readonly sensors: readonly SensorSnapshot[]
  readonly carbon: CarbonTotals
  /** What is not counted is unknown, and its series is not exported. */
  readonly counted: Counted
  /** Those in force; a marginal one, if any, is the last. */
  readonly intensities: readonly ShownIntensity[]
  readonly puePpm: bigint
  readonly ledger: LedgerHealth
  /** Share of the node's energy that went to this daemon, by its CPU time. */
  readonly selfEnergyUj: bigint
  /** Null where nobody splits the node's energy. */
  readonly attribution: AttributionTotals | null
  /** Null before the first whole hour. */
  readonly settled: Settled | null
  readonly workloads: readonly WorkloadSnapshot[]
}

/** Who the machine is. */
export interface NodeIdentity {
  readonly name: string
  /** Tells installations apart, 32 hex digits; left out where there is no id. */
  readonly machine?: string
  readonly labels: Readonly<Record<string, string>>
}

export interface NodeSnapshot extends NodeIdentity {
  readonly totals: NodeTotals
  /** Meter in force; null while no source is usable. */
  readonly meter: string | null
  /** Null when the last reading is too old to be shown. */
  readonly powerUw: bigint | null
  /** Relative 95 % half-width of the last hour's energy; null before the first posting. */
  readonly uncertaintyRatio: number | null
  readonly leaves: readonly LeafSnapshot[]
  readonly partShares: readonly PartShare[]
  /** The parts' meters told more than the meter of the whole machine for a minute. */
  readonly partsExceedMeter: boolean
  /** What was learned of the machine by its meters. */
  readonly models: readonly NodeModelSnapshot[]
  /** What the meter of the machine told last less what its chips say, in W; null where nothing is compared. */
  readonly modelResidualW: number | null
}

export interface NodeModelSnapshot {
  readonly meter: string
  /** How often the machine turned out to be another one than was learned. */
  readonly changes: number
}

/** What a part has of the machine's emissions, 0 to 1. The parts of a scope sum to 1. */
export interface PartShare {
  readonly part: Part
  /** Of the electricity's: its share in the power of now. Null while that is not known. */
  readonly electricity: number | null
  /** Of those of making the machine; null where these are not known by part. */
  readonly making: number | null
}

/** What one piece of hardware counts by. */
export interface LeafSnapshot {
  readonly part: Part
  /** Its place: `socket-0`, a PCI address. */
  readonly hardware: string
  /** A sensor, `siblings` of the same kind, `model`, `rest` where the meter of the whole machine covers it, `waiting` for a meter, or `none`. */
  readonly source: string
}

export interface ChannelSnapshot {
  readonly sensor: string
  readonly scope: Scope
  readonly device: string
  readonly energyUj: bigint
  readonly unaccountedNs: bigint
  readonly powerUw: bigint | null
  /** Null for a channel of powers, which has no register; `wraps` is null for a register of no known width, which cannot wrap. */
  readonly register: { readonly wraps: number | null; readonly resets: number } | null
}

export interface SensorSnapshot {
  readonly name: string
  readonly up: boolean
  /** Null before the first good reading. */
  readonly lastReadingUnixMs: number | null
  readonly failures: Readonly<Partial<Record<SensorErrorCode, number>>>
  /** Channels whose readings cannot be true, one after the other: nothing of them is counted. */
  readonly corruptChannels: readonly string[]
  readonly readSeconds: HistogramSnapshot
}

export interface HistogramSnapshot {
  /** Upper bounds in seconds, ascending, without +Inf. */
  readonly bounds: readonly number[]
  /** Observations per bucket, not cumulative; one more entry than `bounds`. */
  readonly counts: readonly number[]
  readonly sumSeconds: number
}
