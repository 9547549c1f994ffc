import type Database from 'better-sqlite3'
import {
  type ByBasis,
  type CarbonTotals,
  EMISSION_ACCOUNTS,
  type EmissionAccount,
  INTENSITY_BASES,
  type IntensityBasis,
} from '../../model/carbon.ts'

type Balance = Pick<CarbonTotals, 'bookedUg' | 'correctionUg' | 'claimedUj'>

/** The carbon books' totals: a row for each account and basis, and one for each contract. */
export class CarbonBalance {
  readonly #saveTotal: Database.Statement
  readonly #saveClaim: Database.Statement
  readonly #totals: Database.Statement<[], TotalRecord>
  readonly #claims: Database.Statement<[], ClaimRecord>

  constructor(db: Database.Database) {
    this.#saveTotal = db.prepare('INSERT OR REPLACE INTO carbon_total VALUES (?, ?, ?, ?)')
    this.#saveClaim = db.prepare('INSERT OR REPLACE INTO claim VALUES (?, ?)')
    this.#totals = db.prepare<[], TotalRecord>('SELECT * FROM carbon_total').safeIntegers()
    this.#claims = db.prepare<[], ClaimRecord>('SELECT * FROM claim ORDER BY contract').safeIntegers()
  }

  save({ bookedUg, correctionUg, claimedUj }: Balance): void {
    for (const account of EMISSION_ACCOUNTS) {
      for (const basis of INTENSITY_BASES) {
        this.#saveTotal.run(account, basis, bookedUg[account][basis], correctionUg[account][basis])
      }
    }
    for (const [contract, uj] of Object.entries(claimedUj)) this.#saveClaim.run(contract, uj)
  }

  load(): Balance {
    const rows = this.#totals.all()
    const read = (column: 'booked_ug' | 'correction_ug') => {
      const of = (account: EmissionAccount, basis: IntensityBasis) =>
        rows.find((row) => row.account === account && row.basis === basis)?.[column] ?? 0n
      const both = (account: EmissionAccount): ByBasis => ({
        direct: of(account, 'direct'),
        'life-cycle': of(account, 'life-cycle'),
      })
      return { location: both('location'), market: both('market'), embodied: both('embodied') }
    }
    return {
      bookedUg: read('booked_ug'),
      correctionUg: read('correction_ug'),
      claimedUj: Object.fromEntries(this.#claims.all().map(({ contract, claimed_uj }) => [contract, claimed_uj])),
    }
  }
}

interface TotalRecord {
  readonly account: EmissionAccount
  readonly basis: IntensityBasis
  readonly booked_ug: bigint
  readonly correction_ug: bigint
}

interface ClaimRecord {
  readonly contract: string
  readonly claimed_uj: bigint
}
