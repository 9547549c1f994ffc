import Database from 'better-sqlite3'
import { startOfMonth } from '../../report/span.ts'
import { FleetFault } from '../fleet-fault.ts'
import { nextMonth } from './fleet-ledger.ts'
import { openDatabase } from './open-database.ts'

const REGISTER = {
  name: 'register of certificates',
  /** `wlFC` */
  applicationId: 0x776c4643,
  format: 1,
  schema: `
-- Consumption of a time that certificates were matched with. No id comes again, so that what a person deletes stays deleted.
CREATE TABLE claim (
  id INTEGER PRIMARY KEY AUTOINCREMENT, claimant TEXT NOT NULL, from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,
  made_ms INTEGER NOT NULL, UNIQUE (claimant, from_ms, until_ms)
) STRICT;
-- Numbers of an issuance, both ends included.
CREATE TABLE used (
  issuance TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  claim INTEGER NOT NULL REFERENCES claim ON DELETE CASCADE, PRIMARY KEY (issuance, first, claim)
) STRICT, WITHOUT ROWID;
CREATE INDEX used_by_claim ON used (claim);
CREATE VIEW certificates_used AS
SELECT claimant, strftime('%Y-%m-%dT%H:%MZ', from_ms / 1000, 'unixepoch') AS starts,
  strftime('%Y-%m-%dT%H:%MZ', until_ms / 1000, 'unixepoch') AS ends, issuance, first, last
FROM used JOIN claim ON claim.id = used.claim;
`,
  steps: [],
  remedy: 'It is the only record of what certificates were used for: bring it back, or move it away to begin anew',
} as const

const EXCLUDED = `
SELECT first, last, claimant, from_ms, until_ms FROM used JOIN claim ON claim.id = used.claim
WHERE issuance = ? AND first <= ? AND last >= ? AND (claimant <> ? OR until_ms <= ? OR from_ms >= ?)
ORDER BY first, last, made_ms
`

/** Whose consumption of which time certificates are matched with. */
export interface Claim {
  readonly claimant: string
  readonly fromUnixMs: number
  readonly untilUnixMs: number
}

/** Numbers of an issuance, both ends included. */
export interface Numbers {
  readonly issuance: string
  readonly first: bigint
  readonly last: bigint
}

/** What certificates were used for, by all calls so far. */
export class CertificateRegister {
  readonly #db: Database.Database
  readonly #path: string
  readonly #excluded: Database.Statement

  /** Makes the file if it is not there. Throws a FleetFault. */
  constructor(path: string) {
    this.#path = path
    this.#db = openDatabase(path, REGISTER)
    this.#db.pragma('foreign_keys = ON')
    this.#excluded = this.#db.prepare(EXCLUDED).safeIntegers()
  }

  /** Does work that no other call comes between, and of which all is recorded or nothing. Throws a FleetFault. */
  atOnce<Result>(work: () => Result): Result {
    try {
      return this.#db.transaction(work).immediate()
    } catch (cause) {
      if (!(cause instanceof Database.SqliteError)) throw cause
      throw new FleetFault('FLEET_LEDGER', `cannot write ${this.#path}: ${cause.message}. Nothing was recorded`, {
        cause,
      })
    }
  }

  /**
   * Some numbers that were used, in their order, each with a claim that excludes this one: of somebody else, or of a time that has
   * nothing in common with it. What was used for a month may be shown again by the year, and never by another month.
   */
  excluded({ issuance, first, last }: Numbers, claim: Claim): (Numbers & { readonly by: Claim })[] {
    const rows = this.#excluded.all(
      issuance,
      last,
      first,
      claim.claimant,
      claim.fromUnixMs,
      claim.untilUnixMs,
    ) as readonly UsedRow[]
    return rows.map(({ claimant, from_ms, until_ms, ...numbers }) => ({
      issuance,
      ...numbers,
      by: { claimant, fromUnixMs: Number(from_ms), untilUnixMs: Number(until_ms) },
    }))
  }

  /** Instead of what the same claim had used, or that of the same month when less of it was over. */
  record({ claimant, fromUnixMs, untilUnixMs }: Claim, used: Iterable<Numbers>, nowUnixMs: number): void {
    const isOfOneMonth = untilUnixMs <= nextMonth(startOfMonth(fromUnixMs))
    this.#db
      .prepare('DELETE FROM claim WHERE claimant = ? AND from_ms = ? AND (until_ms = ? OR (? AND until_ms < ?))')
      .run(claimant, fromUnixMs, untilUnixMs, Number(isOfOneMonth), untilUnixMs)
    const { lastInsertRowid } = this.#db
      .prepare('INSERT INTO claim (claimant, from_ms, until_ms, made_ms) VALUES (?,?,?,?)')
      .run(claimant, fromUnixMs, untilUnixMs, nowUnixMs)
    const insert = this.#db.prepare('INSERT INTO used VALUES (?,?,?,?)')
    for (const { issuance, first, last } of used) insert.run(issuance, first, last, lastInsertRowid)
  }

  close(): void {
    this.#db.close()
  }
}

interface UsedRow {
  readonly first: bigint
  readonly last: bigint
  readonly claimant: string
  readonly from_ms: bigint
  readonly until_ms: bigint
}
