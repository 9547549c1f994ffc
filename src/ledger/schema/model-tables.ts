/** What was learned of the machine by each meter of the whole: part of step 4. */
export const MODEL_TABLES = `
CREATE TABLE node_model (
  meter TEXT PRIMARY KEY,
  changes INTEGER NOT NULL CHECK (changes >= 0),
  is_newest INTEGER NOT NULL,
  learned TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`
