import type { GapRow } from '../model/batch.ts'
import type { ChannelKey } from '../model/channel.ts'
import type { Gap } from '../model/posting.ts'
import { JUMP_MS } from './wall-clock.ts'

/**
 * Gaps with their wall-clock labels. One that goes on where the last one ended is labelled so, to the millisecond: labels
 * of one instant differ by rounding, and a day without a sensor would be a row for each second.
 */
export class GapLog {
  readonly #latest = new Map<ChannelKey | null, { readonly endNs: bigint; readonly row: GapRow }>()
  #rows: GapRow[] = []

  add(key: ChannelKey | null, { startNs, endNs, reason }: Gap, unixMsOf: (ns: bigint) => number): void {
    const latest = this.#latest.get(key)
    const labelMs = unixMsOf(startNs)
    const goesOn = latest?.endNs === startNs && Math.abs(latest.row.endedUnixMs - labelMs) < JUMP_MS
    const startedUnixMs = goesOn ? latest.row.endedUnixMs : labelMs
    const endedUnixMs = Math.max(startedUnixMs, unixMsOf(endNs))
    const index = goesOn && latest.row.reason === reason ? this.#rows.indexOf(latest.row) : -1
    const row = this.#rows[index] ?? { key, startedUnixMs, reason }
    this.#put(index, { ...row, endedUnixMs }, endNs)
  }

  /** A gap that only wall time spans. */
  addRow(row: GapRow): void {
    this.#rows.push(row)
  }

  /** Hands over all rows, in the order in which they began. */
  take(): GapRow[] {
    const rows = this.#rows
    this.#rows = []
    return rows
  }

  #put(index: number, row: GapRow, endNs: bigint): void {
    if (index === -1) this.#rows.push(row)
    else this.#rows[index] = row
    this.#latest.set(row.key, { endNs, row })
  }
}
