import { type ChannelRow, type LedgerBatch, type NodeRow, type PartRow, ROW_MS } from '../model/batch.ts'
import { most, sumOrNull } from '../model/bigint.ts'
import { floorTo, MINUTE_MS } from '../model/time.ts'

export type Spanned = Pick<PartRow, 'startUnixMs' | 'endUnixMs'>

/** Longer than a minute: what lies inside it is not known. */
export function isCoarse({ startUnixMs, endUnixMs }: Spanned): boolean {
  return Math.round(endUnixMs) - Math.floor(startUnixMs) > MINUTE_MS
}

/** The energy of some batches, one row for each stretch: where a batch ends, a stretch has rows in two. */
export function joinedRows(
  batches: readonly LedgerBatch[],
): Pick<LedgerBatch, 'channelRows' | 'nodeRows' | 'partRows'> {
  return {
    channelRows: joined(
      batches.flatMap(({ channelRows }) => channelRows),
      ({ startUnixMs, key }) => `${floorTo(ROW_MS, startUnixMs)} ${key}`,
      sumOfChannel,
    ),
    nodeRows: joined(
      batches.flatMap(({ nodeRows }) => nodeRows),
      ({ startUnixMs, meter, quality }) => `${floorTo(ROW_MS, startUnixMs)} ${meter}\0${quality}`,
      sumOfNode,
    ),
    partRows: joined(
      batches.flatMap(({ partRows }) => partRows),
      ({ startUnixMs, part, quality }) => `${floorTo(MINUTE_MS, startUnixMs)} ${part} ${quality}`,
      sumOfPart,
    ),
  }
}

function joined<Row extends Spanned>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  sum: (a: Row, b: Row) => Row,
): readonly Row[] {
  const all = new Map<string, Row>()
  for (const row of rows) {
    // What is of the hour alone takes no minute with it.
    const key = `${isCoarse(row)} ${keyOf(row)}`
    const before = all.get(key)
    const startUnixMs = Math.min(before?.startUnixMs ?? row.startUnixMs, row.startUnixMs)
    const endUnixMs = Math.max(before?.endUnixMs ?? row.endUnixMs, row.endUnixMs)
    all.set(key, before === undefined ? row : { ...sum(before, row), startUnixMs, endUnixMs })
  }
  return [...all.values()]
}

export function sumOfChannel(a: ChannelRow, b: ChannelRow): ChannelRow {
  const [energyUj, coveredMs] = [a.energyUj + b.energyUj, a.coveredMs + b.coveredMs]
  return { ...a, energyUj, coveredMs, maxUw: most(a.maxUw, b.maxUw), bridged: a.bridged || b.bridged }
}

export function sumOfNode(a: NodeRow, b: NodeRow): NodeRow {
  return {
    ...a,
    energyUj: a.energyUj + b.energyUj,
    uncertaintyUj: a.uncertaintyUj + b.uncertaintyUj,
    coveredMs: a.coveredMs + b.coveredMs,
    co2eLocationUg: sumOrNull(a.co2eLocationUg, b.co2eLocationUg),
    co2eMarketUg: sumOrNull(a.co2eMarketUg, b.co2eMarketUg),
    embodiedUg: sumOrNull(a.embodiedUg, b.embodiedUg),
    siteWaterUl: sumOrNull(a.siteWaterUl, b.siteWaterUl),
    gridWaterUl: sumOrNull(a.gridWaterUl, b.gridWaterUl),
    facilityUj: a.facilityUj + b.facilityUj,
  }
}

export function sumOfPart(a: PartRow, b: PartRow): PartRow {
  return { ...a, energyUj: a.energyUj + b.energyUj }
}
