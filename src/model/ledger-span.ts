import type { NodeRow, PartEnergy, PartRow } from './batch.ts'

/** The node's energy as the ledger has it: of the stretches inside a span together, and of each that an end of it cuts. */
export interface LedgerSpan {
  /** Length of a stretch. */
  readonly resolutionMs: number
  readonly rows: readonly LedgerSpanRow[]
  /** Of the same time, by part. */
  readonly parts: readonly (Place & PartEnergy)[]
}

export interface LedgerSpanRow extends Place, Omit<NodeRow, keyof PartRow | 'siteWaterUl' | 'gridWaterUl'> {
  readonly energyUj: bigint
}

interface Place {
  readonly startUnixMs: number
  /** It is one stretch, of which only a part belongs to the span. */
  readonly isCut: boolean
}
