import type { LedgerSpan } from '../model/ledger-span.ts'
import type { WindowEnd, WindowQuery, WindowRow } from '../model/window.ts'

/** The part of the ledger that windows need. Nothing throws: what cannot be read is not there, what cannot be written waits. */
export interface WindowStore {
  /** Writes windows that have just begun, unless a flush has. False while the disk takes no writes: the next flush brings them. */
  begin(rows: readonly WindowRow[]): boolean
  /** Writes that a window has ended, and nothing of what was counted: that belongs to the flush of its time. */
  end(id: string, end: WindowEnd): boolean
  /** Those of which more may be counted. */
  unfinished(): readonly WindowRow[]
  find(id: string): WindowRow | null
  list(query: WindowQuery): readonly WindowRow[]
  /** The node's energy by minutes or hours, whichever is kept of that time. */
  spanOf(fromUnixMs: number, toUnixMs: number): LedgerSpan
}
