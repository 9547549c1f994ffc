/** Emissions and water, in the order of the figures of a footprint. */
export const FOOTPRINT_COLUMNS = [
  'location_direct_ug',
  'location_life_cycle_ug',
  'market_direct_ug',
  'market_life_cycle_ug',
  'embodied_direct_ug',
  'embodied_life_cycle_ug',
  'site_water_ul',
  'grid_water_ul',
] as const

const FOOTPRINT = notNegative(FOOTPRINT_COLUMNS)

/** Who used the energy, the state of attribution, and the account at the last closed hour: part of step 4. */
export const CONSUMER_TABLES = `
-- Name and labels are the last that it had. is_kept: a day names it, so that the row outlives the hours.
CREATE TABLE consumer (
  consumer_id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  labels TEXT NOT NULL CHECK (json_valid(labels)),
  last_hour_unix_ms INTEGER NOT NULL,
  is_kept INTEGER NOT NULL DEFAULT 0,
  UNIQUE (kind, id)
) STRICT;

-- Without a foreign key: SQLite would look for rows of each consumer that is deleted, in tables that begin with the time.
CREATE TABLE consumer_hour (
  start_unix_ms INTEGER NOT NULL,
  consumer_id INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  idle_uj INTEGER NOT NULL CHECK (idle_uj >= 0),
  dynamic_uj INTEGER NOT NULL CHECK (dynamic_uj >= 0),
  PRIMARY KEY (start_unix_ms, consumer_id, tenant)
) STRICT, WITHOUT ROWID;

-- What is left of hours that are gone, with their share of emissions and water as it stood then; null where it is not known.
CREATE TABLE consumer_day (
  start_unix_ms INTEGER NOT NULL,
  consumer_id INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  idle_uj INTEGER NOT NULL CHECK (idle_uj >= 0),
  dynamic_uj INTEGER NOT NULL CHECK (dynamic_uj >= 0),
  co2e_location_ug INTEGER,
  co2e_market_ug INTEGER,
  embodied_ug INTEGER,
  site_water_ul INTEGER,
  grid_water_ul INTEGER,
  PRIMARY KEY (start_unix_ms, consumer_id, tenant)
) STRICT, WITHOUT ROWID;

-- The state of attribution: totals that are exported, tenants, and what is known of idle power.
CREATE TABLE consumer_total (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  labels TEXT NOT NULL CHECK (json_valid(labels)),
  idle_uj INTEGER NOT NULL CHECK (idle_uj >= 0),
  dynamic_uj INTEGER NOT NULL CHECK (dynamic_uj >= 0),
  born_unix_ms INTEGER NOT NULL,
  gone_unix_ms INTEGER,
${FOOTPRINT}
  PRIMARY KEY (kind, id, tenant)
) STRICT, WITHOUT ROWID;

CREATE TABLE tenant_total (
  tenant TEXT PRIMARY KEY,
  idle_uj INTEGER NOT NULL CHECK (idle_uj >= 0),
  dynamic_uj INTEGER NOT NULL CHECK (dynamic_uj >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE idle_power (
  leaf TEXT PRIMARY KEY,
  learned TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Counts of control groups, so that what they use while no agent runs is theirs: text that only attribution reads.
CREATE TABLE last_use (
  last_use_id INTEGER PRIMARY KEY CHECK (last_use_id = 1),
  counts TEXT NOT NULL
) STRICT;

CREATE TABLE attribution (
  attribution_id INTEGER PRIMARY KEY CHECK (attribution_id = 1),
${notNegative(['attributed_uj', ...FOOTPRINT_COLUMNS]).slice(0, -1)}
) STRICT;

-- Hours before until_unix_ms are closed. hour_unix_ms is the last hour that had begun, behind the other where the clock was set back.
CREATE TABLE settlement (
  settlement_id INTEGER PRIMARY KEY CHECK (settlement_id = 1),
  until_unix_ms INTEGER NOT NULL,
  hour_unix_ms INTEGER NOT NULL
) STRICT;

-- The node, whose tenant is '', and the tenants. is_late: came for closed hours, and waits for the next to close.
CREATE TABLE settled_total (
  tenant TEXT NOT NULL,
  is_late INTEGER NOT NULL,
${notNegative(['energy_uj', ...FOOTPRINT_COLUMNS])}
  PRIMARY KEY (tenant, is_late)
) STRICT, WITHOUT ROWID;
`

function notNegative(columns: readonly string[]): string {
  return columns.map((column) => `  ${column} INTEGER NOT NULL CHECK (${column} >= 0),`).join('\n')
}
