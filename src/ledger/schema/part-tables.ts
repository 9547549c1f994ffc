/** Parts of the machine idle and dynamic: part of step 4. What is not idle in `part_hour` is dynamic. */
export const PART_TABLES = `
CREATE TABLE part_idle_hour (
  start_unix_ms INTEGER NOT NULL,
  part TEXT NOT NULL,
  idle_uj INTEGER NOT NULL CHECK (idle_uj >= 0),
  PRIMARY KEY (start_unix_ms, part)
) STRICT, WITHOUT ROWID;

-- waiting_uj: of a time whose use is not known yet, so that it is neither.
CREATE TABLE part_state_total (
  part TEXT PRIMARY KEY,
  idle_uj INTEGER NOT NULL CHECK (idle_uj >= 0),
  dynamic_uj INTEGER NOT NULL CHECK (dynamic_uj >= 0),
  waiting_uj INTEGER NOT NULL CHECK (waiting_uj >= 0)
) STRICT, WITHOUT ROWID;
`
