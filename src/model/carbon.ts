import type { ShownIntensity } from './shown-intensity.ts'

/** Basis of a grid intensity: the stack alone (`direct`) or with fuel supply and construction (`life-cycle`). */
export type IntensityBasis = 'direct' | 'life-cycle'

export const INTENSITY_BASES: readonly IntensityBasis[] = ['direct', 'life-cycle']

/**
 * How a figure was come by, after PCAF's scale. Of intensities: 1 a zone's figure of the hour, 2 the same estimated,
 * 3 a yearly average that fits the site, 4 a country's yearly average, 5 the world's.
 */
export type DataQuality = 1 | 2 | 3 | 4 | 5

/** `final` will not change, `provisional` may be revised by its source, `estimated` stands in for what is not known. */
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

/** Books of emissions: Scope 2 by location and by market, and the machine's making (Scope 3). */
export type EmissionAccount = 'location' | 'market' | 'embodied'

export const EMISSION_ACCOUNTS: readonly EmissionAccount[] = ['location', 'market', 'embodied']

/**
 * What a figure rests on: for the market-based account the order of the Scope 2 Guidance (table 6.3), certificate,
 * purchase agreement, supplier's rate, residual mix, else the grid's average; `manufacture` for what is embodied.
 */
export type Instrument = 'eac' | 'ppa' | 'supplier' | 'residual' | 'grid' | 'manufacture'

/** The figure that emissions were counted with. */
export interface Factor extends Omit<Intensity, 'mgPerKwh'> {
  /** Null where emissions do not follow energy. */
  readonly mgPerKwh: bigint | null
  readonly instrument: Instrument
  /** Why it stands in for a preferred figure; null when it is that one. */
  readonly reason: string | null
}

/** Emissions of one piece of node energy. Null: no factor is known, which is not zero. */
export interface Emissions {
  readonly co2eLocationUg: bigint | null
  readonly co2eMarketUg: bigint | null
  readonly embodiedUg: bigint | null
  /** Microlitres at the site, and where the electricity was generated. */
  readonly siteWaterUl: bigint | null
  readonly gridWaterUl: bigint | null
  /** Power usage effectiveness in parts per million, the mean by energy where it changes meanwhile. */
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
  /** Of the machine, before PUE. */
  readonly energyUj: bigint
  readonly puePpm: bigint
  readonly pueRelativeUncertainty: number
  readonly co2eUg: bigint
}

/** A later and better figure for emissions that are booked. Restatements are appended; the last one holds. */
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

/** An emission as the ledger has it, with the figure that holds for it now. */
export interface SettledEmission extends EmissionRow {
  readonly settled: { readonly factor: Factor; readonly co2eUg: bigint; readonly restatementId: number | null }
}

/** What a restart goes on from. */
export interface CarbonBooks {
  readonly emissions: readonly SettledEmission[]
  /** Numbers of the next booking and the next restatement. */
  readonly next: { readonly emissionId: number; readonly restatementId: number }
}

export type ByBasis = Readonly<Record<IntensityBasis, bigint>>

/** Totals since the ledger began. */
export interface CarbonTotals {
  /** As it was booked at first; never falls. */
  readonly bookedUg: Readonly<Record<EmissionAccount, ByBasis>>
  /** What restatements changed since, signed. */
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

/** What a flush writes of the carbon books. */
export interface CarbonBatch {
  readonly emissions: readonly EmissionRow[]
  readonly restatements: readonly RestatementRow[]
  readonly totals: CarbonTotals
}

/** What is counted, whether or not anything of it has been yet. */
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
   * Books one posting of the node, or of a part of it. Called once for each, in any order: what comes late is counted at the
   * figures of its own time, as they are known now, and time counts once however many postings are of it.
   */
  book(energyUj: bigint, startUnixMs: number, endUnixMs: number): Emissions
  /** Intensities in force now, for people. A marginal one, if any, is the last. */
  intensities(): readonly ShownIntensity[]
  /** Settles what can be settled, and hands over all that changed since the last call. */
  collect(): CarbonBatch
  readonly puePpm: bigint
  readonly counted: Counted
  /** As they are now. */
  readonly totals: CarbonTotals
}
