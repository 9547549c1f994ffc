import type { PartIdleRow } from '../model/attribution.ts'
import type { ChannelRow, LedgerBatch, NodeRow, PartRow } from '../model/batch.ts'
import { floorTo, HOUR_MS } from '../model/time.ts'
import { type Spanned, sumOfChannel, sumOfNode, sumOfPart } from './row-sums.ts'

/** Energy by the UTC hour alone. */
export type HourRows = Pick<LedgerBatch, 'channelRows' | 'nodeRows' | 'partRows' | 'idleRows'>

/** What is left of batches that found no place in the queue: their hours, so that an outage costs resolution and no energy. */
export class HourSums implements HourRows {
  #channels = new Map<string, ChannelRow>()
  #nodes = new Map<string, NodeRow>()
  #parts = new Map<string, PartRow>()
  #idle = new Map<string, PartIdleRow>()

  get channelRows(): readonly ChannelRow[] {
    return [...this.#channels.values()]
  }

  get nodeRows(): readonly NodeRow[] {
    return [...this.#nodes.values()]
  }

  get partRows(): readonly PartRow[] {
    return [...this.#parts.values()]
  }

  get idleRows(): readonly PartIdleRow[] {
    return [...this.#idle.values()]
  }

  add({ channelRows, nodeRows, partRows, idleRows = [] }: HourRows): void {
    for (const row of channelRows) addTo(this.#channels, row.key, row, sumOfChannel)
    for (const row of nodeRows) addTo(this.#nodes, `${row.meter}\0${row.quality}`, row, sumOfNode)
    for (const row of partRows) addTo(this.#parts, `${row.part} ${row.quality}`, row, sumOfPart)
    for (const row of idleRows) {
      const key = `${row.hourUnixMs} ${row.part}`
      this.#idle.set(key, { ...row, idleUj: row.idleUj + (this.#idle.get(key)?.idleUj ?? 0n) })
    }
  }

  clear(): void {
    this.#channels = new Map()
    this.#nodes = new Map()
    this.#parts = new Map()
    this.#idle = new Map()
  }
}

function addTo<Row extends Spanned>(
  rows: Map<string, Row>,
  whose: string,
  row: Row,
  sum: (a: Row, b: Row) => Row,
): void {
  const startUnixMs = floorTo(HOUR_MS, row.startUnixMs)
  const key = `${startUnixMs} ${whose}`
  const before = rows.get(key)
  rows.set(key, before === undefined ? { ...row, startUnixMs, endUnixMs: startUnixMs + HOUR_MS } : sum(before, row))
}
