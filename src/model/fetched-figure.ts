import type { FigureStatus, StatedBasis } from './carbon.ts'

/** One figure of an interface for a time that ends, as the ledger keeps it over a restart. */
export interface FetchedFigure {
  readonly zone: string
  readonly basis: StatedBasis
  /** Milligrams CO₂e per kWh. */
  readonly mgPerKwh: bigint
  readonly status: FigureStatus
  readonly startsUnixMs: number
  readonly endsUnixMs: number
  /** When it was first fetched with this content. */
  readonly fetchedUnixMs: number
}
