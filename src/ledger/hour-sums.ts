import type { PartIdleRow } from '../model/attribution.ts'
import type { ChannelRow, LedgerBatch, NodeRow, PartRow } from '../model/batch.ts'
import { most } from '../model/bigint.ts'
import { floorTo, HOUR_MS } from '../model/time.ts'

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

type Spanned = Pick<PartRow, 'startUnixMs' | 'endUnixMs'>

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

function sumOfChannel(a: ChannelRow, b: ChannelRow): ChannelRow {
  const [energyUj, coveredMs] = [a.energyUj + b.energyUj, a.coveredMs + b.coveredMs]
  return { ...a, energyUj, coveredMs, maxUw: most(a.maxUw, b.maxUw), bridged: a.bridged || b.bridged }
}

function sumOfNode(a: NodeRow, b: NodeRow): NodeRow {
  return {
    ...a,
    energyUj: a.energyUj + b.energyUj,
    uncertaintyUj: a.uncertaintyUj + b.uncertaintyUj,
    coveredMs: a.coveredMs + b.coveredMs,
    co2eLocationUg: sumIfKnown(a.co2eLocationUg, b.co2eLocationUg),
    co2eMarketUg: sumIfKnown(a.co2eMarketUg, b.co2eMarketUg),
    embodiedUg: sumIfKnown(a.embodiedUg, b.embodiedUg),
    siteWaterUl: sumIfKnown(a.siteWaterUl, b.siteWaterUl),
    gridWaterUl: sumIfKnown(a.gridWaterUl, b.gridWaterUl),
    facilityUj: a.facilityUj + b.facilityUj,
  }
}

function sumOfPart(a: PartRow, b: PartRow): PartRow {
  return { ...a, energyUj: a.energyUj + b.energyUj }
}

/** Half-known emissions are unknown. */
function sumIfKnown(a: bigint | null, b: bigint | null): bigint | null {
  return a === null || b === null ? null : a + b
}
