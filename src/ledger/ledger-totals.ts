import type { LedgerState } from '../model/batch.ts'
import type { Settlement } from './settlement/settlement.ts'

/** All that must outlive any damage to the rows: the totals with their marks, and what is settled of them. */
export interface LedgerTotals {
  readonly state: LedgerState
  readonly settlement: Settlement | null
}

/** As the copy beside the ledger has them. */
export interface KeptTotals extends LedgerTotals {
  /** See `TrustedClock`. */
  readonly trustedUnixMs: number
}

/** As a ledger has them. */
export interface StoredTotals extends LedgerTotals {
  /** Why parts, consumers, emissions and ceilings are not there; null where they are. */
  readonly damage: string | null
}
