import type { EventRow } from './event-row.ts'
import type { StageShare } from './life-stage.ts'
import type { Part } from './part.ts'

/** Basis of a grid intensity: the stack alone (`direct`) or with fuel supply and construction (`life-cycle`). */
export type IntensityBasis = 'direct' | 'life-cycle'

export const INTENSITY_BASES: readonly IntensityBasis[] = ['direct', 'life-cycle']

/**
 * The class of a figure's origin on PCAF's scale. For intensities: 1 a zone's figure of the hour, 2 the same estimated,
 * 3 a yearly average of the site, 4 a country's yearly average, 5 the world's.
 */
export type DataQuality = 1 | 2 | 3 | 4 | 5

/** `final` will not change, `provisional` may be revised by its source, `estimated` stands in for an unknown figure. */
export type FigureStatus = 'final' | 'provisional' | 'estimated'

/** Carbon intensity of electricity over a time, as a source stated it. */
export interface Intensity {
  readonly zone: string
  readonly basis: IntensityBasis
  /** Milligrams CO₂e per kWh, whole, so that emissions stay integer arithmetic. */
  readonly mgPerKwh: bigint
  /** `static:ember-2024`, `world-average`, `file`, ... */
  readonly source: string
  readonly status: FigureStatus
  readonly startsUnixMs: number
  /** Null while it holds until further notice. */
  readonly endsUnixMs: number | null
  readonly dataQuality: DataQuality
  /** Relative standard uncertainty (k = 1), common to all intervals of the source. */
  readonly relativeUncertainty: number
}

/** `marginal` is the intensity of one kilowatt hour more: it is shown, and nothing is counted with it. */
export type StatedBasis = IntensityBasis | 'marginal'

/** An intensity as a scrape shows it. */
export interface ShownIntensity extends Pick<Intensity, 'zone' | 'mgPerKwh' | 'source' | 'startsUnixMs'> {
  readonly basis: StatedBasis
}

/** Accounts of emissions: Scope 2 by location and by market, and the making of the machine (Scope 3). */
export type EmissionAccount = 'location' | 'market' | 'embodied'

export const EMISSION_ACCOUNTS: readonly EmissionAccount[] = ['location', 'market', 'embodied']

/**
 * The basis of a figure's claim, in the order of the Scope 2 Guidance (table 6.3) for the market-based account:
 * certificate, purchase agreement, supplier's rate, residual mix, the grid's average. `manufacture` is for embodied
 * carbon.
 */
export type Instrument = 'eac' | 'ppa' | 'supplier' | 'residual' | 'grid' | 'manufacture'

/** The figure that emissions were counted with. */
export interface Factor extends Omit<Intensity, 'mgPerKwh'> {
  /** Null where emissions do not follow energy. */
  readonly mgPerKwh: bigint | null
  readonly instrument: Instrument
  /** Why it stands in for a preferred figure; null when it is the preferred one. */
  readonly reason: string | null
}

/** Emissions of node energy over an interval. Null: no factor is known, which is not zero. */
export interface Emissions {
  readonly co2eLocationUg: bigint | null
  readonly co2eMarketUg: bigint | null
  /** Microlitres at the site, and where the electricity was generated. */
  readonly siteWaterUl: bigint | null
  readonly gridWaterUl: bigint | null
  /** Power usage effectiveness in parts per million: the mean by energy where it changes inside the interval. */
  readonly puePpm: bigint
}

/** Emissions of a stretch of time inside one UTC hour at one factor. Replaced as a whole while its time runs. */
export interface EmissionRow {
  /** Counts up from 1 over the life of the ledger. */
  readonly id: number
  readonly account: EmissionAccount
  readonly startUnixMs: number
  readonly endUnixMs: number
  readonly factor: Factor
  /** Energy of the machine, before PUE. */
  readonly energyUj: bigint
  readonly puePpm: bigint
  readonly pueRelativeUncertainty: number
  readonly co2eUg: bigint
}

/** A later and better figure for a booking. Restatements are appended; the last one stands. */
export interface RestatementRow {
  /** Counts up from 1 over the life of the ledger. */
  readonly id: number
  readonly atUnixMs: number
  readonly emissionId: number
  /** The restatement that this one replaces; null when it replaces the booking itself. */
  readonly replacesId: number | null
  readonly factor: Factor
  readonly beforeUg: bigint
  readonly afterUg: bigint
}

/** A booking with the figure that stands for it now: its own, or that of its last restatement. */
export interface StandingEmission extends EmissionRow {
  readonly standing: { readonly factor: Factor; readonly co2eUg: bigint; readonly restatementId: number | null }
}

/** The open bookings, from which a restart goes on. */
export interface CarbonBooks {
  readonly emissions: readonly StandingEmission[]
  /** Numbers of the next booking and the next restatement. */
  readonly next: { readonly emissionId: number; readonly restatementId: number }
}

export type ByBasis = Readonly<Record<IntensityBasis, bigint>>

/** Totals since the ledger began. */
export interface CarbonTotals {
  /** Sum of all bookings, without restatements; never falls. */
  readonly bookedUg: Readonly<Record<EmissionAccount, ByBasis>>
  /** Sum of what restatements changed, signed. */
  readonly correctionUg: Readonly<Record<EmissionAccount, ByBasis>>
  readonly siteWaterUl: bigint
  readonly gridWaterUl: bigint
  /** Site energy in µJ that each contract has been claimed for, by its name. */
  readonly claimedUj: Readonly<Record<string, bigint>>
}

const NOTHING: ByBasis = { direct: 0n, 'life-cycle': 0n }

export const NO_CARBON: CarbonTotals = {
  bookedUg: { location: NOTHING, market: NOTHING, embodied: NOTHING },
  correctionUg: { location: NOTHING, market: NOTHING, embodied: NOTHING },
  siteWaterUl: 0n,
  gridWaterUl: 0n,
  claimedUj: {},
}

/** The part of a flush that is from the carbon books. */
export interface CarbonBatch {
  readonly emissions: readonly EmissionRow[]
  readonly restatements: readonly RestatementRow[]
  /** Changes of the sources of figures. */
  readonly events: readonly EventRow[]
  readonly totals: CarbonTotals
  /** As they are now; left out or empty where no making is booked. */
  readonly stages?: readonly StageShare[]
}

/** The kinds of emissions and water that are counted, even while their totals are zero. */
export interface Counted {
  readonly location: readonly IntensityBasis[]
  readonly market: readonly IntensityBasis[]
  readonly embodied: readonly IntensityBasis[]
  readonly siteWater: boolean
  readonly gridWater: boolean
}

/** Turns node energy into emissions. */
export interface CarbonAccount {
  /**
   * Books one posting of the node, or of a part of it. Called once for each, in any order: energy that comes late is
   * counted at the figures of its own time, as they are known now.
   */
  book(energyUj: bigint, startUnixMs: number, endUnixMs: number): Emissions
  /**
   * Books the embodied carbon, in µg, of time that is covered from now on, each moment once; null where none is counted. The
   * wall clock says no more than which hour it is of: it may jump.
   */
  cover(startUnixMs: number, durationNs: bigint): bigint | null
  /** Intensities in force now, for people. A marginal one, if any, is the last. */
  intensities(): readonly ShownIntensity[]
  /** Restates what better figures are known for, and hands over all that changed since the last call. */
  collect(): CarbonBatch
  readonly puePpm: bigint
  /** What each part has of the machine's making; empty where that is not counted, or nobody knows. They sum to 1. */
  readonly embodiedShares: ReadonlyMap<Part, number>
  readonly counted: Counted
  /** The totals of now. */
  readonly totals: CarbonTotals
}
