/** Basis of a grid intensity: the stack alone (`direct`) or with fuel supply and construction (`life-cycle`). */
export type IntensityBasis = 'direct' | 'life-cycle'

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

/** Emissions of one piece of node energy. Null: no factor is known, which is not zero. */
export interface Emissions {
  readonly co2eLocationUg: bigint | null
  readonly co2eMarketUg: bigint | null
  readonly embodiedUg: bigint | null
  /** Power usage effectiveness in parts per million. */
  readonly puePpm: bigint
}

/** Turns node energy into emissions. Called once per node posting, in order of time. */
export interface CarbonAccount {
  emissionsOf(energyUj: bigint, startUnixMs: number, endUnixMs: number): Emissions
  /** Intensities in force now, for the exporter and the ledger. */
  intensities(): readonly Intensity[]
  /** Those that `emissionsOf` used since the last call, for the ledger: several when one ended between two flushes. */
  takeUsed(): readonly Intensity[]
  readonly puePpm: bigint
}
