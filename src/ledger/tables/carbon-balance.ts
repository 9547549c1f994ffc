import type Database from 'better-sqlite3'
import {
  type ByBasis,
  type CarbonTotals,
  EMISSION_ACCOUNTS,
  type EmissionAccount,
  INTENSITY_BASES,
  type IntensityBasis,
} from '../../model/carbon.ts'
import { StoredRows } from './stored-rows.ts'

type Balance = Pick<CarbonTotals, 'bookedUg' | 'correctionUg' | 'claimedUj'>

/** The carbon books' totals: a row for each account and basis, and one for each contract. */
export class CarbonBalance {
  readonly #totalRows: StoredRows
  readonly #claimRows: StoredRows
  readonly #totals: Database.Statement<[], TotalRecord>
  readonly #claims: Database.Statement<[], ClaimRecord>

  constructor(db: Database.Database) {
    this.#totalRows = new StoredRows(db, 'carbon_total', ['account', 'basis'])
    this.#claimRows = new StoredRows(db, 'claim', ['contract'])
    this.#totals = db.prepare<[], TotalRecord>('SELECT * FROM carbon_total').safeIntegers()
    this.#claims = db.prepare<[], ClaimRecord>('SELECT * FROM claim ORDER BY contract').safeIntegers()
  }

  save({ bookedUg, correctionUg, claimedUj }: Balance): void {
    const rowOf = (account: EmissionAccount, basis: IntensityBasis) =>
      [account, basis, bookedUg[account][basis], correctionUg[account][basis]] as const
    this.#totalRows.put(EMISSION_ACCOUNTS.flatMap((account) => INTENSITY_BASES.map((basis) => rowOf(account, basis))))
    this.#claimRows.put(Object.entries(claimedUj))
  }

  /** See `StoredRows.forget`. */
  forget(): void {
    this.#totalRows.forget()
    this.#claimRows.forget()
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
