/** One edition of an authority's factors of grid electricity, as it was published. */
export interface Edition {
  /** The year that the figures are of, or that they are published for. */
  readonly year: number
  readonly publisher: string
  readonly title: string
  /** Where in the document the figures stand. */
  readonly table: string
  readonly page: string
  readonly licence: string
  /** What the figures were compared with, cell by cell, before they came here. */
  readonly checked: string
  readonly unit: 'lb/MWh' | 'kg/kWh'
  /** Digits as published, by the name of the region. */
  readonly figures: Readonly<Record<string, string>>
}

/** What an authority publishes anew each year for the grids of a country. */
export interface Publication {
  /** The first part of a figure's name, such as `egrid` of `egrid/CAMX`. */
  readonly name: string
  /** ISO 3166 alpha-2 code. */
  readonly country: string
  /** A residual mix is for the market-based account alone, an average for the location-based one. */
  readonly use: 'location' | 'residual'
  /** Which gases are in it, and whether losses of transmission and distribution are. */
  readonly contents: string
  /** The oldest first. */
  readonly editions: readonly Edition[]
}
