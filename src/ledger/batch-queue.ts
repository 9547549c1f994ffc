import type { ConsumerRow } from '../model/attribution.ts'
import type { EventRow, LedgerBatch, LedgerState } from '../model/batch.ts'
import type { EmissionRow } from '../model/carbon.ts'
import { ConsumerSums } from './consumer-sums.ts'
import { type HourRows, HourSums } from './hour-sums.ts'

/** All that waits for the disk. */
export interface Waiting {
  readonly batches: readonly LedgerBatch[]
  /** Those of all batches, added up. */
  readonly consumerRows: readonly ConsumerRow[]
  /** What is left of batches for which there was no place. */
  readonly hours: HourRows
}

/** Batches that wait for the disk, oldest first, and at most `limit` of them. */
export class BatchQueue implements Waiting {
  readonly hours = new HourSums()
  readonly #limit: number
  readonly #consumers = new ConsumerSums()
  #batches: (Omit<LedgerBatch, 'state'> & { state: LedgerState })[] = []
  #dropped: { count: number; readonly sinceUnixMs: number; untilUnixMs: number } | null = null

  constructor(limit: number) {
    this.#limit = Math.max(1, limit)
  }

  get batches(): readonly LedgerBatch[] {
    return this.#batches
  }

  get consumerRows(): readonly ConsumerRow[] {
    return this.#consumers.rows
  }

  /** How many went since the last `clear()`. */
  get dropped(): number {
    return this.#dropped?.count ?? 0
  }

  /**
   * Over the limit the oldest batch goes. Its energy is kept by the hour; its channels, its windows and its emissions, a few
   * rows an hour, move on to the next, and its totals are part of every later state.
   */
  push(batch: LedgerBatch): void {
    for (const row of batch.consumerRows) this.#consumers.add(row)
    // The newest is what is written: each former one would wait for the flush.
    for (const before of this.#batches) before.state = batch.state
    this.#batches.push({ ...batch, consumerRows: [] })
    if (this.#batches.length <= this.#limit) return
    const [oldest, next] = this.#batches.splice(0, 2)
    if (oldest === undefined || next === undefined) return
    this.hours.add(oldest)
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
    const detail = `${count} batches, ${span}: the queue was full. Their energy is in the hours alone`
    return [{ atUnixMs, what: 'rows_dropped', detail }]
  }

  clear(): void {
    this.#batches = []
    this.#consumers.clear()
    this.hours.clear()
    this.#dropped = null
  }
}

/** A later row of an emission or a window replaces an earlier one. */
function lastOfEach<Row extends { readonly id: EmissionRow['id'] | string }>(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()]
}
