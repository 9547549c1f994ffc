/** What was learned of the machine by each meter of the whole, and of each leaf by its own: part of step 4. */
export const MODEL_TABLES = `
CREATE TABLE node_model (
  meter TEXT PRIMARY KEY,
  changes INTEGER NOT NULL CHECK (changes >= 0),
  is_newest INTEGER NOT NULL,
  learned TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE leaf_model (
  name TEXT PRIMARY KEY,
  learned TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`
