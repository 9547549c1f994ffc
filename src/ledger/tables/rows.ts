import type Database from 'better-sqlite3'
import type { PartIdleRow } from '../../model/attribution.ts'
import type { ChannelRow, NodeRow, PartRow } from '../../model/batch.ts'
import { floorTo, HOUR_MS, MINUTE_MS } from '../../model/time.ts'
import { isCoarse } from '../row-sums.ts'
import type { ChannelIds } from './channel-ids.ts'

type Cells = readonly (number | bigint | string | null)[]

/**
 * Energy at its three grains: as posted, by the minute and by the hour, brought up to date together, so that each grain
 * can be deleted alone. Rows that meet at one key add up: a wall clock set back passes the same time twice.
 */
export class Rows {
  readonly #ids: ChannelIds
  readonly #channel: Grains
  readonly #node: Grains
  readonly #part: Omit<Grains, 'raw'>
  readonly #partIdle: Database.Statement

  constructor(db: Database.Database, ids: ChannelIds) {
    const channel = { energy_uj: 'sum', covered_ms: 'sum', max_uw: 'max' } as const
    const node = {
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
    this.#ids = ids
    this.#channel = {
      raw: prepareUpsert(db, 'channel_raw', ['channel_id'], { ...channel, duration_ms: 'max', bridged: 'max' }),
      minute: prepareUpsert(db, 'channel_minute', ['channel_id'], channel),
      hour: prepareUpsert(db, 'channel_hour', ['channel_id'], channel),
    }
    this.#node = {
      raw: prepareUpsert(db, 'node_raw', ['meter', 'quality'], { ...node, duration_ms: 'max' }),
      minute: prepareUpsert(db, 'node_minute', ['meter', 'quality'], node),
      hour: prepareUpsert(db, 'node_hour', ['meter', 'quality'], node),
    }
    const part = { energy_uj: 'sum' } as const
    this.#part = {
      minute: prepareUpsert(db, 'part_minute', ['part', 'quality'], part),
      hour: prepareUpsert(db, 'part_hour', ['part', 'quality'], part),
    }
    this.#partIdle = prepareUpsert(db, 'part_idle_hour', ['part'], { idle_uj: 'sum' })
  }

  /** Of an hour. */
  addPartIdle({ hourUnixMs, part, idleUj }: PartIdleRow): void {
    this.#partIdle.run(floorTo(HOUR_MS, hourUnixMs), part, idleUj)
  }

  addPart(row: PartRow): void {
    const { startUnixMs, part, quality, energyUj } = row
    if (isCoarse(row)) this.addPartHour(row)
    else addRollups(this.#part, startUnixMs, [part, quality, energyUj])
  }

  addChannel(row: ChannelRow): void {
    if (isCoarse(row)) this.addChannelHour(row)
    else add(this.#channel, row, this.#channelCells(row), [row.bridged ? 1 : 0])
  }

  addNode(row: NodeRow): void {
    if (isCoarse(row)) this.addNodeHour(row)
    else add(this.#node, row, nodeCells(row), [])
  }

  /** An hour of which nothing finer is known any more. */
  addChannelHour(row: ChannelRow): void {
    this.#channel.hour.run(floorTo(HOUR_MS, row.startUnixMs), ...this.#channelCells(row))
  }

  addNodeHour(row: NodeRow): void {
    this.#node.hour.run(floorTo(HOUR_MS, row.startUnixMs), ...nodeCells(row))
  }

  addPartHour({ startUnixMs, part, quality, energyUj }: PartRow): void {
    this.#part.hour.run(floorTo(HOUR_MS, startUnixMs), part, quality, energyUj)
  }

  #channelCells({ key, energyUj, coveredMs, maxUw }: ChannelRow): Cells {
    return [this.#ids.of(key), energyUj, Math.round(coveredMs), maxUw]
  }
}

function nodeCells(row: NodeRow): Cells {
  const cells = [row.meter, row.quality, row.energyUj, row.uncertaintyUj, row.facilityUj, Math.round(row.coveredMs)]
  const { co2eLocationUg, co2eMarketUg, embodiedUg, siteWaterUl, gridWaterUl } = row
  return [...cells, co2eLocationUg, co2eMarketUg, embodiedUg, siteWaterUl, gridWaterUl]
}

interface Grains {
  readonly raw: Database.Statement
  readonly minute: Database.Statement
  readonly hour: Database.Statement
}

function add(grains: Grains, row: Pick<ChannelRow, 'startUnixMs' | 'endUnixMs'>, cells: Cells, rawOnly: Cells): void {
  const startUnixMs = Math.floor(row.startUnixMs)
  grains.raw.run(startUnixMs, ...cells, Math.round(row.endUnixMs) - startUnixMs, ...rawOnly)
  addRollups(grains, startUnixMs, cells)
}

function addRollups({ minute, hour }: Omit<Grains, 'raw'>, startUnixMs: number, cells: Cells): void {
  const startMs = Math.floor(startUnixMs)
  minute.run(startMs - (startMs % MINUTE_MS), ...cells)
  hour.run(startMs - (startMs % HOUR_MS), ...cells)
}

/** Columns in the order given, `start_unix_ms` first. A sum with null is null: half-known emissions are unknown. */
function prepareUpsert(
  db: Database.Database,
  table: string,
  keys: readonly string[],
  values: Readonly<Record<string, 'sum' | 'max'>>,
): Database.Statement {
  const columns = ['start_unix_ms', ...keys, ...Object.keys(values)]
  const merged = Object.entries(values).map(([column, how]) =>
    how === 'sum' ? `${column} = ${column} + excluded.${column}` : `${column} = max(${column}, excluded.${column})`,
  )
  return db.prepare(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
     ON CONFLICT DO UPDATE SET ${merged.join(', ')}`,
  )
}
