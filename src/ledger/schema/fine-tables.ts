/** Low bits of the number of a row, which tell rows of one start apart: by their channel, or by their series. */
export const SERIES_BITS = 20

/** Rows of `from` up to `until`, which is not included, in ms: of minutes the start is not indexed, the number of the row is. */
export function rowsWithin(grain: 'minute' | 'hour', from: string, until: string): string {
  if (grain === 'hour') return `start_unix_ms >= ${from} AND start_unix_ms < ${until}`
  return `row_id >= (ceil(${from}) << ${SERIES_BITS}) AND row_id < (ceil(${until}) << ${SERIES_BITS})`
}

const CHANNEL_FIGURES = ['energy_uj', 'covered_ms', 'max_uw']
const NODE_FIGURES = ['energy_uj', 'uncertainty_uj', 'facility_uj', 'covered_ms']
/** Of postings, so that a check of the file finds impossible ones. */
const CHECKED = ['energy_uj', 'uncertainty_uj', 'covered_ms']
const MASSES = ['co2e_location_ug', 'co2e_market_ug', 'embodied_ug', 'site_water_ul', 'grid_water_ul']

interface FineTable {
  readonly name: string
  /** What a series is named after; none where the row has its channel, which has a number. */
  readonly labels: readonly [string, string] | readonly []
  readonly known: readonly string[]
  readonly mayBeUnknown?: readonly string[]
}

const TABLES: readonly FineTable[] = [
  { name: 'channel_raw', labels: [], known: ['duration_ms', ...CHANNEL_FIGURES, 'bridged'] },
  { name: 'channel_minute', labels: [], known: CHANNEL_FIGURES },
  { name: 'node_raw', labels: ['meter', 'quality'], known: ['duration_ms', ...NODE_FIGURES], mayBeUnknown: MASSES },
  { name: 'node_minute', labels: ['meter', 'quality'], known: NODE_FIGURES, mayBeUnknown: MASSES },
  { name: 'part_minute', labels: ['part', 'quality'], known: ['energy_uj'] },
]

/**
 * Step 5: postings and minutes have one whole number as their key. New rows are appended then, and SQLite fills a page before
 * it begins the next; by a key of several columns it shares the newest four pages out evenly each time, and writes them all.
 */
export const FINE_TABLES = `
-- Meters and parts by quality, as rows of postings and minutes are numbered.
CREATE TABLE series (
  series_id INTEGER PRIMARY KEY CHECK (series_id < ${2 ** SERIES_BITS}),
  name TEXT NOT NULL UNIQUE
) STRICT;
${TABLES.map(replaced).join('')}`

function replaced({ name, labels, known, mayBeUnknown = [] }: FineTable): string {
  const [first, second] = labels
  const series = first === undefined ? 'channel_id' : 'series_id'
  const which = first === undefined ? ['channel_id'] : labels
  const columns = ['start_unix_ms', ...which, ...known, ...mayBeUnknown].join(', ')
  const isChecked = (column: string) => name.endsWith('_raw') && CHECKED.includes(column)
  return `
-- Not renamed: SQLite would have a user's views follow the former table.
CREATE TABLE former AS SELECT * FROM ${name};
DROP TABLE ${name};
CREATE TABLE ${name} (
  row_id INTEGER PRIMARY KEY,
  start_unix_ms INTEGER NOT NULL,
${[
  ...(first === undefined ? ['  channel_id INTEGER NOT NULL REFERENCES channel'] : []),
  ...labels.map((label) => `  ${label} TEXT NOT NULL`),
  ...known.map((column) => `  ${column} INTEGER NOT NULL${isChecked(column) ? ` CHECK (${column} >= 0)` : ''}`),
  ...mayBeUnknown.map((column) => `  ${column} INTEGER`),
].join(',\n')}
) STRICT;
${first === undefined ? '' : `INSERT OR IGNORE INTO series (name) SELECT DISTINCT ${first} || ' ' || ${second} FROM former;`}
INSERT INTO ${name} (row_id, ${columns})
  SELECT start_unix_ms << ${SERIES_BITS} | ${series}, ${columns}
  FROM former${first === undefined ? '' : ` JOIN series ON series.name = ${first} || ' ' || ${second}`}
  ORDER BY 1;
DROP TABLE former;
`
}
