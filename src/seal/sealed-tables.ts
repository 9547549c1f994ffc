import type { ClosableTable } from '../ledger/tables/late-changes.ts'
import { DAY_MS, HOUR_MS } from '../model/time.ts'

/** Tables that only grow, row by row. */
export type AppendedTable = 'factor' | 'restatement' | 'event'
export type SealedName = ClosableTable | AppendedTable

/** What a seal holds of a table: which columns of which rows, in which order. */
export interface SealedTable<Name extends SealedName = SealedName> {
  readonly name: Name
  /** Of the names that a line has, those that tell rows apart. */
  readonly keys: readonly string[]
  readonly values: readonly string[]
  readonly from: string
  /** What rows are found by: a time, or the number of the row. */
  readonly by: string
  /** Rows are compared by the unit: of this length in milliseconds, or each row. */
  readonly unit: number
  readonly order: string
  /** Of one that is kept to its newest rows. */
  readonly isTrimmed?: true
}

const ENERGY = ['energy_uj', 'covered_ms', 'max_uw']
const NODE = ['energy_uj', 'uncertainty_uj', 'facility_uj', 'covered_ms']
const CARBON = ['co2e_location_ug', 'co2e_market_ug', 'embodied_ug', 'site_water_ul', 'grid_water_ul']
const SHARE = ['idle_uj', 'dynamic_uj']
const START = 'start_unix_ms'
const CONSUMER = [START, 'kind', 'id', 'tenant']
const CHANNEL = ['sensor', 'scope', 'device']

/** By time. Names stand for the numbers of channels and consumers, which mean nothing outside of the ledger. */
export const CLOSABLE: readonly SealedTable<ClosableTable>[] = [
  hourly('node_hour', [START, 'meter', 'quality'], [...NODE, ...CARBON], 'node_hour', 'meter, quality'),
  hourly('part_hour', [START, 'part', 'quality'], ['energy_uj'], 'part_hour', 'part, quality'),
  hourly('channel_hour', [START, ...CHANNEL], ENERGY, 'channel_hour JOIN channel USING (channel_id)', 'channel_id'),
  hourly('consumer_hour', CONSUMER, SHARE, withConsumer('consumer_hour'), 'consumer_id, tenant'),
  {
    ...hourly('consumer_day', CONSUMER, [...SHARE, ...CARBON], withConsumer('consumer_day'), ''),
    unit: DAY_MS,
    order: 'start_unix_ms, consumer_id, tenant',
  },
  hourly(
    'emission',
    ['emission_id'],
    ['account', START, 'duration_ms', 'factor_id', 'energy_uj', 'pue_ppm', 'pue_uncertainty_ppm', 'co2e_ug'],
    'emission',
    'emission_id',
  ),
  {
    name: 'gap',
    keys: ['gap_id'],
    values: [...CHANNEL, 'reason', 'started_unix_ms', 'ended_unix_ms'],
    from: 'gap LEFT JOIN channel USING (channel_id)',
    by: 'ended_unix_ms',
    unit: HOUR_MS,
    order: 'ended_unix_ms, gap_id',
    isTrimmed: true,
  },
]

/** By number. */
export const APPENDED: readonly SealedTable<AppendedTable>[] = [
  appended('factor', [
    'zone',
    'basis',
    'source',
    'instrument',
    'starts_unix_ms',
    'ends_unix_ms',
    'mg_per_kwh',
    'status',
    'data_quality',
    'uncertainty_ppm',
    'reason',
  ]),
  appended('restatement', ['at_unix_ms', 'emission_id', 'replaces_id', 'factor_id', 'before_ug', 'after_ug']),
  { ...appended('event', ['at_unix_ms', 'what', 'detail']), isTrimmed: true },
]

export const SEALED: readonly SealedTable[] = [...CLOSABLE, ...APPENDED]

function hourly(
  name: ClosableTable,
  keys: readonly string[],
  values: readonly string[],
  from: string,
  order: string,
): SealedTable<ClosableTable> {
  return { name, keys, values, from, by: START, unit: HOUR_MS, order: `${START}, ${order}` }
}

function appended(name: AppendedTable, values: readonly string[]): SealedTable<AppendedTable> {
  return { name, keys: [`${name}_id`], values, from: name, by: `${name}_id`, unit: 1, order: `${name}_id` }
}

function withConsumer(table: string): string {
  return `${table} JOIN consumer USING (consumer_id)`
}
