import type Database from 'better-sqlite3'
import type { PartIdleRow } from '../../model/attribution.ts'
import type { ChannelRow, LedgerBatch, NodeRow, PartRow } from '../../model/batch.ts'
import { floorTo, HOUR_MS, MINUTE_MS } from '../../model/time.ts'
import { isCoarse } from '../row-sums.ts'
import { SERIES_BITS } from '../schema/fine-tables.ts'
import type { ChannelIds } from './channel-ids.ts'
import { SeriesIds } from './series-ids.ts'

type Cells = readonly (number | bigint | string | null)[]

const CHANNEL = { energy_uj: 'sum', covered_ms: 'sum', max_uw: 'max' } as const
const NODE = {
  energy_uj: 'sum',
  uncertainty_uj: 'sum',
  facility_uj: 'sum',
  covered_ms: 'sum',
  co2e_location_ug: 'sum',
  co2e_market_ug: 'sum',
  embodied_ug: 'sum',
  site_water_ul: 'sum',
  grid_water_ul: 'sum',
} as const
const PART = { energy_uj: 'sum' } as const

/**
 * Energy at its three grains: as posted, by the minute and by the hour, brought up to date together, so that each grain
 * can be deleted alone. Rows that meet at one key add up: a wall clock set back passes the same time twice.
 */
export class Rows {
  readonly #ids: ChannelIds
  readonly #series: SeriesIds
  readonly #channel: Grains
  readonly #node: Grains
  readonly #part: Omit<Grains, 'raw'>
  readonly #partIdle: Database.Statement

  constructor(db: Database.Database, ids: ChannelIds) {
    this.#ids = ids
    this.#series = new SeriesIds(db)
    const fine = (table: string, labels: readonly string[], values: Values) =>
      prepareUpsert(db, table, ['row_id', 'start_unix_ms', ...labels], values)
    const hour = (table: string, keys: readonly string[], values: Values) =>
      prepareUpsert(db, table, ['start_unix_ms', ...keys], values)
    this.#channel = {
      raw: fine('channel_raw', ['channel_id'], { ...CHANNEL, duration_ms: 'max', bridged: 'max' }),
      minute: fine('channel_minute', ['channel_id'], CHANNEL),
      hour: hour('channel_hour', ['channel_id'], CHANNEL),
    }
    this.#node = {
      raw: fine('node_raw', ['meter', 'quality'], { ...NODE, duration_ms: 'max' }),
      minute: fine('node_minute', ['meter', 'quality'], NODE),
      hour: hour('node_hour', ['meter', 'quality'], NODE),
    }
    this.#part = {
      minute: fine('part_minute', ['part', 'quality'], PART),
      hour: hour('part_hour', ['part', 'quality'], PART),
    }
    this.#partIdle = hour('part_idle_hour', ['part'], { idle_uj: 'sum' })
  }

  /** In the order of their numbers, so that pages are filled one after another. */
  add({ channelRows, nodeRows, partRows }: Pick<LedgerBatch, 'channelRows' | 'nodeRows' | 'partRows'>): void {
    for (const row of inOrder(channelRows, ({ key }) => this.#ids.of(key))) this.#addChannel(row)
    for (const row of inOrder(nodeRows, ({ meter, quality }) => this.#series.of(meter, quality))) this.#addNode(row)
    for (const row of inOrder(partRows, ({ part, quality }) => this.#series.of(part, quality))) this.#addPart(row)
  }

  /** Of an hour. */
  addPartIdle({ hourUnixMs, part, idleUj }: PartIdleRow): void {
    this.#partIdle.run(floorTo(HOUR_MS, hourUnixMs), part, idleUj)
  }

  /** An hour of which nothing finer is known any more. */
  addChannelHour(row: ChannelRow): void {
    this.#channel.hour.run(floorTo(HOUR_MS, row.startUnixMs), this.#ids.of(row.key), ...channelCells(row))
  }

  addNodeHour(row: NodeRow): void {
    this.#node.hour.run(floorTo(HOUR_MS, row.startUnixMs), row.meter, row.quality, ...nodeCells(row))
  }

  addPartHour({ startUnixMs, part, quality, energyUj }: PartRow): void {
    this.#part.hour.run(floorTo(HOUR_MS, startUnixMs), part, quality, energyUj)
  }

  /** Numbers given in a transaction that was rolled back are void. */
  forget(): void {
    this.#series.forget()
  }

  #addChannel(row: ChannelRow): void {
    this.addChannelHour(row)
    if (isCoarse(row)) return
    const id = this.#ids.of(row.key)
    const { raw, minute } = this.#channel
    raw.run(...keyOf(1, row, id), id, ...channelCells(row), durationMs(row), row.bridged ? 1 : 0)
    minute.run(...keyOf(MINUTE_MS, row, id), id, ...channelCells(row))
  }

  #addNode(row: NodeRow): void {
    this.addNodeHour(row)
    if (isCoarse(row)) return
    const { meter, quality } = row
    const id = this.#series.of(meter, quality)
    this.#node.raw.run(...keyOf(1, row, id), meter, quality, ...nodeCells(row), durationMs(row))
    this.#node.minute.run(...keyOf(MINUTE_MS, row, id), meter, quality, ...nodeCells(row))
  }

  #addPart(row: PartRow): void {
    this.addPartHour(row)
    if (isCoarse(row)) return
    const { part, quality, energyUj } = row
    this.#part.minute.run(...keyOf(MINUTE_MS, row, this.#series.of(part, quality)), part, quality, energyUj)
  }
}

interface Grains {
  readonly raw: Database.Statement
  readonly minute: Database.Statement
  readonly hour: Database.Statement
}

type Values = Readonly<Record<string, 'sum' | 'max'>>
type Spanned = Pick<ChannelRow, 'startUnixMs' | 'endUnixMs'>

function channelCells({ energyUj, coveredMs, maxUw }: ChannelRow): Cells {
  return [energyUj, Math.round(coveredMs), maxUw]
}

function nodeCells(row: NodeRow): Cells {
  const { co2eLocationUg, co2eMarketUg, embodiedUg, siteWaterUl, gridWaterUl } = row
  const energy = [row.energyUj, row.uncertaintyUj, row.facilityUj, Math.round(row.coveredMs)]
  return [...energy, co2eLocationUg, co2eMarketUg, embodiedUg, siteWaterUl, gridWaterUl]
}

function durationMs({ startUnixMs, endUnixMs }: Spanned): number {
  return Math.round(endUnixMs) - Math.floor(startUnixMs)
}

/** The number of a row of the grain, and its start. */
function keyOf(grainMs: number, { startUnixMs }: Spanned, seriesId: number): readonly [bigint, number] {
  const start = floorTo(grainMs, Math.floor(startUnixMs))
  return [(BigInt(start) << BigInt(SERIES_BITS)) | BigInt(seriesId), start]
}

function inOrder<Row extends Spanned>(rows: readonly Row[], seriesOf: (row: Row) => number): readonly Row[] {
  return [...rows].sort((a, b) => Math.floor(a.startUnixMs) - Math.floor(b.startUnixMs) || seriesOf(a) - seriesOf(b))
}

/** Columns in the order given, keys first. A sum with null is null: half-known emissions are unknown. */
function prepareUpsert(
  db: Database.Database,
  table: string,
  keys: readonly string[],
  values: Values,
): Database.Statement {
  const columns = [...keys, ...Object.keys(values)]
  const merged = Object.entries(values).map(([column, how]) =>
    how === 'sum' ? `${column} = ${column} + excluded.${column}` : `${column} = max(${column}, excluded.${column})`,
  )
  return db.prepare(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
     ON CONFLICT DO UPDATE SET ${merged.join(', ')}`,
  )
}
