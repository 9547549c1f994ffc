import type { LedgerSpan } from '../model/ledger-span.ts'
import type { EndedWindow, WindowQuery, WindowRow } from '../model/window.ts'

/** The part of the ledger that windows need. Nothing throws: what cannot be read is not there, what cannot be written waits. */
export interface WindowStore {
  /**
   * Writes windows that have just begun, unless a flush has, and that others have ended. Nothing of what was counted: that
   * belongs to the flush of its time. False while the disk takes no writes: the next flush brings them.
   */
  write(begun: readonly WindowRow[], ended: readonly EndedWindow[]): boolean
  /** Those of which more may be counted. */
  unfinished(): readonly WindowRow[]
  find(id: string): WindowRow | null
  list(query: WindowQuery): readonly WindowRow[]
  /** The node's energy by minutes or hours, whichever is kept of that time. */
  spanOf(fromUnixMs: number, toUnixMs: number): LedgerSpan
}
