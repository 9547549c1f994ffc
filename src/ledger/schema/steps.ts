import { CONSUMER_TABLES } from './consumer-tables.ts'
import { FINE_TABLES } from './fine-tables.ts'
import { MODEL_TABLES } from './model-tables.ts'
import { PART_TABLES } from './part-tables.ts'
import { REST_COLUMN } from './rest-column.ts'
import { SEAL_TABLES } from './seal-tables.ts'
import { STAGE_TABLE } from './stage-table.ts'
import { WINDOW_TABLE } from './window-table.ts'

/** `PRAGMA application_id` of a ledger: "WATT". */
export const APPLICATION_ID = 0x57415454

/**
 * Steps in order; `PRAGMA user_version` counts those a file has seen. A released step is never edited: add one.
 * Keys begin with the time, so that new rows append and retention frees whole pages. The views stand in views.ts.
 */
export const STEPS: readonly string[] = [
  `
CREATE TABLE channel (
  channel_id INTEGER PRIMARY KEY,
  sensor TEXT NOT NULL,
  scope TEXT NOT NULL,
  device TEXT NOT NULL,
  kind TEXT,
  quality TEXT,
  UNIQUE (sensor, scope, device)
) STRICT;

CREATE TABLE channel_raw (
  start_unix_ms INTEGER NOT NULL,
  channel_id INTEGER NOT NULL REFERENCES channel,
  duration_ms INTEGER NOT NULL,
  energy_uj INTEGER NOT NULL CHECK (energy_uj >= 0),
  covered_ms INTEGER NOT NULL CHECK (covered_ms >= 0),
  max_uw INTEGER NOT NULL,
  bridged INTEGER NOT NULL,
  PRIMARY KEY (start_unix_ms, channel_id)
) STRICT, WITHOUT ROWID;
${channelRollup('channel_minute')}
${channelRollup('channel_hour')}

CREATE TABLE node_raw (
  start_unix_ms INTEGER NOT NULL,
  meter TEXT NOT NULL,
  quality TEXT NOT NULL,
  duration_ms INTEGER NOT NULL,
  energy_uj INTEGER NOT NULL CHECK (energy_uj >= 0),
  uncertainty_uj INTEGER NOT NULL CHECK (uncertainty_uj >= 0),
  facility_uj INTEGER NOT NULL,
  covered_ms INTEGER NOT NULL CHECK (covered_ms >= 0),
  co2e_location_ug INTEGER,
  co2e_market_ug INTEGER,
  embodied_ug INTEGER,
  PRIMARY KEY (start_unix_ms, meter, quality)
) STRICT, WITHOUT ROWID;
${nodeRollup('node_minute')}
${nodeRollup('node_hour')}

-- Totals, and where each counter stood. The constraints let quick_check find damage that makes impossible numbers.
-- last_count is an unsigned 64-bit register in two's complement.
CREATE TABLE counter (
  channel_id INTEGER PRIMARY KEY REFERENCES channel,
  energy_uj INTEGER NOT NULL CHECK (energy_uj >= 0),
  unaccounted_ns INTEGER NOT NULL CHECK (unaccounted_ns >= 0),
  wraps INTEGER NOT NULL CHECK (wraps >= 0),
  resets INTEGER NOT NULL CHECK (resets >= 0),
  last_ns INTEGER,
  last_count INTEGER,
  last_register TEXT,
  unsettled_from_ns INTEGER,
  unsettled_uj INTEGER
) STRICT;

CREATE TABLE account (
  account_id INTEGER PRIMARY KEY CHECK (account_id = 1),
  boot_id TEXT NOT NULL,
  at_unix_ms INTEGER NOT NULL,
  at_monotonic_ns INTEGER NOT NULL,
  measured_uj INTEGER NOT NULL CHECK (measured_uj >= 0),
  derived_uj INTEGER NOT NULL CHECK (derived_uj >= 0),
  estimated_uj INTEGER NOT NULL CHECK (estimated_uj >= 0),
  unaccounted_ns INTEGER NOT NULL CHECK (unaccounted_ns >= 0),
  co2e_location_ug INTEGER NOT NULL,
  co2e_market_ug INTEGER NOT NULL,
  embodied_ug INTEGER NOT NULL,
  settled_ns INTEGER,
  meter TEXT
) STRICT;

-- channel_id is null for the node account.
CREATE TABLE gap (
  gap_id INTEGER PRIMARY KEY,
  channel_id INTEGER REFERENCES channel,
  reason TEXT NOT NULL,
  started_unix_ms INTEGER NOT NULL,
  ended_unix_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX gap_end ON gap (channel_id, reason, ended_unix_ms);

CREATE TABLE event (
  event_id INTEGER PRIMARY KEY,
  at_unix_ms INTEGER NOT NULL,
  what TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;

CREATE TABLE grid_intensity (
  zone TEXT NOT NULL,
  basis TEXT NOT NULL,
  source TEXT NOT NULL,
  starts_unix_ms INTEGER NOT NULL,
  ends_unix_ms INTEGER,
  mg_per_kwh INTEGER NOT NULL,
  status TEXT NOT NULL,
  PRIMARY KEY (zone, basis, source, starts_unix_ms)
) STRICT, WITHOUT ROWID;
`,
  `
-- Figures that emissions were counted with. A row is never changed: a revised figure is another row.
CREATE TABLE factor (
  factor_id INTEGER PRIMARY KEY,
  zone TEXT NOT NULL,
  basis TEXT NOT NULL,
  source TEXT NOT NULL,
  instrument TEXT NOT NULL,
  starts_unix_ms INTEGER NOT NULL,
  ends_unix_ms INTEGER,
  mg_per_kwh INTEGER,
  status TEXT NOT NULL,
  data_quality INTEGER NOT NULL,
  uncertainty_ppm INTEGER NOT NULL,
  reason TEXT
) STRICT;
-- Reasons name times and failures, so a stand-in that holds for a year has thousands of rows that differ in nothing else.
CREATE INDEX factor_start ON factor (starts_unix_ms, source, reason);

-- Format 1 kept neither quality nor uncertainty: those of the same sources today.
INSERT INTO factor
  SELECT NULL, zone, basis, source, 'grid', starts_unix_ms, ends_unix_ms, mg_per_kwh, status,
    iif(source = 'world-average', 5, iif(source LIKE 'static:%', 4, 2)),
    iif(source = 'world-average', 550000, iif(source LIKE 'static:%', 170000, 100000)), NULL
  FROM grid_intensity ORDER BY starts_unix_ms, source;
DROP TABLE grid_intensity;

-- Emissions by stretches of time inside one UTC hour, as booked. Kept for ever.
CREATE TABLE emission (
  emission_id INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  start_unix_ms INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  factor_id INTEGER NOT NULL REFERENCES factor,
  energy_uj INTEGER NOT NULL CHECK (energy_uj >= 0),
  pue_ppm INTEGER NOT NULL,
  pue_uncertainty_ppm INTEGER NOT NULL,
  co2e_ug INTEGER NOT NULL CHECK (co2e_ug >= 0)
) STRICT;
CREATE INDEX emission_start ON emission (start_unix_ms);

-- Later figures for booked emissions, appended. replaces_id is null where the booking itself is replaced.
CREATE TABLE restatement (
  restatement_id INTEGER PRIMARY KEY,
  at_unix_ms INTEGER NOT NULL,
  emission_id INTEGER NOT NULL,
  replaces_id INTEGER,
  factor_id INTEGER NOT NULL REFERENCES factor,
  before_ug INTEGER NOT NULL,
  after_ug INTEGER NOT NULL
) STRICT;
-- All that the views sum up, since a ledger of some years has hundreds of thousands of rows.
CREATE INDEX restatement_emission ON restatement (emission_id, factor_id, before_ug, after_ug);

CREATE TABLE carbon_total (
  account TEXT NOT NULL,
  basis TEXT NOT NULL,
  booked_ug INTEGER NOT NULL CHECK (booked_ug >= 0),
  correction_ug INTEGER NOT NULL,
  PRIMARY KEY (account, basis)
) STRICT, WITHOUT ROWID;
-- Format 1 did not keep the basis: life cycle is that of its default.
INSERT INTO carbon_total SELECT 'location', 'life-cycle', co2e_location_ug, 0 FROM account;
INSERT INTO carbon_total SELECT 'embodied', 'life-cycle', embodied_ug, 0 FROM account;
ALTER TABLE account DROP COLUMN co2e_location_ug;
ALTER TABLE account DROP COLUMN co2e_market_ug;
ALTER TABLE account DROP COLUMN embodied_ug;
ALTER TABLE account ADD COLUMN site_water_ul INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN grid_water_ul INTEGER NOT NULL DEFAULT 0;

-- Energy of the site, PUE included, that each contract has been claimed for.
CREATE TABLE claim (
  contract TEXT PRIMARY KEY,
  claimed_uj INTEGER NOT NULL CHECK (claimed_uj >= 0)
) STRICT, WITHOUT ROWID;

-- What live sources answered, so that a restart need not ask again.
CREATE TABLE fetched_intensity (
  source TEXT NOT NULL,
  zone TEXT NOT NULL,
  basis TEXT NOT NULL,
  starts_unix_ms INTEGER NOT NULL,
  ends_unix_ms INTEGER NOT NULL,
  mg_per_kwh INTEGER NOT NULL,
  status TEXT NOT NULL,
  fetched_unix_ms INTEGER NOT NULL,
  PRIMARY KEY (source, starts_unix_ms)
) STRICT, WITHOUT ROWID;
${['node_raw', 'node_minute', 'node_hour'].map(waterColumns).join('')}
`,
  `
-- The node's energy by part of the machine. The parts of a time sum to the node.
${partRollup('part_minute')}
${partRollup('part_hour')}

CREATE TABLE part_total (
  part TEXT NOT NULL,
  quality TEXT NOT NULL,
  energy_uj INTEGER NOT NULL CHECK (energy_uj >= 0),
  PRIMARY KEY (part, quality)
) STRICT, WITHOUT ROWID;

-- Leaves of the account: those that a meter measures, from when on one may still bring energy of decided time, and for how
-- long nothing knew it.
CREATE TABLE leaf (
  name TEXT PRIMARY KEY,
  is_metered INTEGER NOT NULL,
  missing_from_ns INTEGER,
  unaccounted_ns INTEGER NOT NULL CHECK (unaccounted_ns >= 0)
) STRICT, WITHOUT ROWID;

-- Up to where each total may have been shown, in its smallest unit.
CREATE TABLE ceiling (
  name TEXT PRIMARY KEY,
  most INTEGER NOT NULL CHECK (most >= 0)
) STRICT, WITHOUT ROWID;
ALTER TABLE account ADD COLUMN self_uj INTEGER NOT NULL DEFAULT 0;
`,
  `${CONSUMER_TABLES}${WINDOW_TABLE}${MODEL_TABLES}${PART_TABLES}${SEAL_TABLES}${STAGE_TABLE}
-- When the totals were zero: of an older ledger no later than its first hour.
ALTER TABLE account ADD COLUMN born_unix_ms INTEGER NOT NULL DEFAULT 0;
UPDATE account SET born_unix_ms = ifnull((SELECT min(start_unix_ms) FROM node_hour), at_unix_ms);
`,
  `${FINE_TABLES}${REST_COLUMN}`,
]

function partRollup(table: string): string {
  return `
CREATE TABLE ${table} (
  start_unix_ms INTEGER NOT NULL,
  part TEXT NOT NULL,
  quality TEXT NOT NULL,
  energy_uj INTEGER NOT NULL,
  PRIMARY KEY (start_unix_ms, part, quality)
) STRICT, WITHOUT ROWID;`
}

function waterColumns(table: string): string {
  return `
ALTER TABLE ${table} ADD COLUMN site_water_ul INTEGER;
ALTER TABLE ${table} ADD COLUMN grid_water_ul INTEGER;`
}

function channelRollup(table: string): string {
  return `
CREATE TABLE ${table} (
  start_unix_ms INTEGER NOT NULL,
  channel_id INTEGER NOT NULL REFERENCES channel,
  energy_uj INTEGER NOT NULL,
  covered_ms INTEGER NOT NULL,
  max_uw INTEGER NOT NULL,
  PRIMARY KEY (start_unix_ms, channel_id)
) STRICT, WITHOUT ROWID;`
}

function nodeRollup(table: string): string {
  return `
CREATE TABLE ${table} (
  start_unix_ms INTEGER NOT NULL,
  meter TEXT NOT NULL,
  quality TEXT NOT NULL,
  energy_uj INTEGER NOT NULL,
  uncertainty_uj INTEGER NOT NULL,
  facility_uj INTEGER NOT NULL,
  covered_ms INTEGER NOT NULL,
  co2e_location_ug INTEGER,
  co2e_market_ug INTEGER,
  embodied_ug INTEGER,
  PRIMARY KEY (start_unix_ms, meter, quality)
) STRICT, WITHOUT ROWID;`
}
