/** What seals need to know of a ledger: part of step 4. */
export const SEAL_TABLES = `
-- Which ledger this is: numbers of rows mean something within one alone.
CREATE TABLE ledger_identity (
  identity_id INTEGER PRIMARY KEY CHECK (identity_id = 1),
  ledger TEXT NOT NULL
) STRICT;
INSERT INTO ledger_identity VALUES (1, lower(hex(randomblob(16))));

-- Closed times that were written again, in this order: the next seal holds their rows anew.
CREATE TABLE late_change (
  late_change_id INTEGER PRIMARY KEY,
  at_unix_ms INTEGER NOT NULL,
  changed_table TEXT NOT NULL,
  start_unix_ms INTEGER NOT NULL
) STRICT;
`
