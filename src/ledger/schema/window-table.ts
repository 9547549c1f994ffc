/** Measured windows. `sums` is text that only the agent reads; what people read is beside it. */
export const WINDOW_TABLE = `
CREATE TABLE measured_window (
  measured_window_id INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  uid INTEGER,
  name TEXT NOT NULL,
  tags TEXT NOT NULL,
  series TEXT NOT NULL,
  repeats INTEGER,
  baseline_uw INTEGER,
  boot_id TEXT NOT NULL,
  start_ns INTEGER NOT NULL,
  start_unix_ms INTEGER NOT NULL,
  limit_ms INTEGER NOT NULL,
  end_ns INTEGER,
  end_unix_ms INTEGER,
  closed_by TEXT,
  is_final INTEGER NOT NULL,
  energy_uj INTEGER NOT NULL CHECK (energy_uj >= 0),
  co2e_location_ug INTEGER,
  sums TEXT NOT NULL
) STRICT;
CREATE INDEX measured_window_start ON measured_window (start_unix_ms);
CREATE INDEX measured_window_name ON measured_window (name, start_unix_ms);
CREATE INDEX measured_window_owner ON measured_window (uid, start_unix_ms);
CREATE INDEX measured_window_owner_name ON measured_window (uid, name, start_unix_ms);
CREATE INDEX measured_window_unfinished ON measured_window (is_final) WHERE is_final = 0;
`
