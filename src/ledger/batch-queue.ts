import type { EventRow, LedgerBatch } from '../model/batch.ts'
import type { EmissionRow } from '../model/carbon.ts'

/** Batches that wait for the disk, oldest first, and at most `limit` of them. */
export class BatchQueue {
  readonly #limit: number
  #batches: LedgerBatch[] = []
  #dropped: { count: number; readonly sinceUnixMs: number; untilUnixMs: number } | null = null

  constructor(limit: number) {
    this.#limit = Math.max(1, limit)
  }

  get batches(): readonly LedgerBatch[] {
    return this.#batches
  }

  /** How many went since the last `clear()`. */
  get dropped(): number {
    return this.#dropped?.count ?? 0
  }

  /**
   * Over the limit the oldest batch goes. Its rows are lost; its channels, its windows and its emissions, a few rows an hour, move on
   * to the next, and its totals are part of every later state.
   */
  push(batch: LedgerBatch): void {
    this.#batches.push(batch)
    if (this.#batches.length <= this.#limit) return
    const [oldest, next] = this.#batches.splice(0, 2)
    if (oldest === undefined || next === undefined) return
    this.#batches.unshift({
      ...next,
      channels: [...oldest.channels, ...next.channels],
      windows: lastOfEach([...(oldest.windows ?? []), ...(next.windows ?? [])]),
      carbon: {
        emissions: lastOfEach([...oldest.carbon.emissions, ...next.carbon.emissions]),
        restatements: [...oldest.carbon.restatements, ...next.carbon.restatements],
      },
    })
    this.#dropped ??= { count: 0, sinceUnixMs: oldest.atUnixMs, untilUnixMs: oldest.atUnixMs }
    this.#dropped.count++
    this.#dropped.untilUnixMs = oldest.atUnixMs
  }

  /** What the ledger must say about batches that were dropped since the last `clear()`. */
  dropEvents(atUnixMs: number): EventRow[] {
    if (this.#dropped === null) return []
    const { count, sinceUnixMs, untilUnixMs } = this.#dropped
    const span = `${new Date(sinceUnixMs).toISOString()} to ${new Date(untilUnixMs).toISOString()}`
    const detail = `${count} batches, ${span}: the queue was full. Their energy is in the totals`
    return [{ atUnixMs, what: 'rows_dropped', detail }]
  }

  clear(): void {
    this.#batches = []
    this.#dropped = null
  }
}

/** A later row of an emission or a window replaces an earlier one. */
function lastOfEach<Row extends { readonly id: EmissionRow['id'] | string }>(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()]
}
