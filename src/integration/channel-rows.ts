import { type ChannelRow, ROW_MS } from '../model/batch.ts'
import { most } from '../model/bigint.ts'
import type { ChannelKey } from '../model/channel.ts'
import type { Posting } from '../model/posting.ts'
import { meanPowerUw } from '../model/units.ts'
import { cutAtMinutes, RowCollector, wholeMs } from './row-collector.ts'

/** Postings of channels as the rows of the next flush. */
export class ChannelRows {
  readonly #rows = new RowCollector<Pick<ChannelRow, 'maxUw' | 'bridged' | 'key'>>(
    ROW_MS,
    (row, { maxUw, bridged }) => {
      row.maxUw = most(row.maxUw, maxUw)
      row.bridged ||= bridged
    },
  )

  add(key: ChannelKey, { startNs, endNs, energyUj, bridged }: Posting, startUnixMs: number): void {
    const durationNs = endNs - startNs
    const maxUw = bridged ? 0n : meanPowerUw(energyUj, durationNs)
    for (const piece of cutAtMinutes(startUnixMs, durationNs, energyUj)) {
      this.#rows.add(key, piece, { key, maxUw, bridged })
    }
  }

  take(): ChannelRow[] {
    return this.#rows.take().map(({ durationNs, ...row }) => ({ ...row, coveredMs: wholeMs(durationNs) }))
  }
}
