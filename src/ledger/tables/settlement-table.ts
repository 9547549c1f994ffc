import type Database from 'better-sqlite3'
import type { Settlement } from '../settlement/settlement.ts'
import { columnsOf, NO_TOTAL, type Sums, type TenantSum, totalOfColumns } from '../settlement/sums.ts'

const NODE = ''

/** The account at the last closed hour, on disk. */
export class SettlementTable {
  readonly #putMark: Database.Statement
  readonly #putTotal: Database.Statement
  readonly #forget: Database.Statement
  readonly #mark: Database.Statement<[], Mark>
  readonly #totals: Database.Statement<[number], TotalRow>
  /** What the tables hold; null while that is not known. */
  #saved: Settlement | null = null

  constructor(db: Database.Database) {
    const figures = columnsOf(NO_TOTAL).map(() => '?')
    this.#putMark = db.prepare('INSERT OR REPLACE INTO settlement VALUES (1, ?, ?)')
    this.#putTotal = db.prepare(`INSERT OR REPLACE INTO settled_total VALUES (?, ?, ${figures})`)
    this.#forget = db.prepare('DELETE FROM settled_total WHERE is_late = ?')
    this.#mark = db.prepare('SELECT until_unix_ms, hour_unix_ms FROM settlement')
    this.#totals = db
      .prepare<[number], TotalRow>('SELECT * FROM settled_total WHERE is_late = ? ORDER BY tenant')
      .raw()
      .safeIntegers()
  }

  /** Written when it has changed, which is once an hour. */
  save(settlement: Settlement): void {
    const { untilUnixMs, hourUnixMs, settled, late } = settlement
    const before = this.#saved
    if (before?.untilUnixMs !== untilUnixMs || before.hourUnixMs !== hourUnixMs) {
      this.#putMark.run(untilUnixMs, hourUnixMs)
    }
    if (before === null || before.settled !== settled) this.#saveSums(0, settled)
    if (before === null || before.late !== late) this.#saveSums(1, late)
    this.#saved = settlement
  }

  /** A transaction was rolled back: what the tables hold is not known any more. */
  forget(): void {
    this.#saved = null
  }

  /** Null before the first batch. */
  load(): Settlement | null {
    const mark = this.#mark.get()
    if (mark === undefined) return null
    const settled = this.#loadSums(0)
    const late = this.#loadSums(1)
    const { until_unix_ms: untilUnixMs, hour_unix_ms: hourUnixMs } = mark
    return { untilUnixMs, hourUnixMs, settled, late: late ?? { node: NO_TOTAL, tenants: [] } }
  }

  #saveSums(isLate: 0 | 1, sums: Sums | null): void {
    this.#forget.run(isLate)
    if (sums === null) return
    for (const total of [{ tenant: NODE, ...sums.node }, ...sums.tenants]) {
      this.#putTotal.run(total.tenant, isLate, ...columnsOf(total))
    }
  }

  #loadSums(isLate: 0 | 1): Sums | null {
    const totals = this.#totals.all(isLate).map(([tenant, , ...figures]): TenantSum => {
      return { tenant, ...totalOfColumns(figures) }
    })
    const node = totals.find(({ tenant }) => tenant === NODE)
    if (node === undefined) return null
    const { tenant: _, ...total } = node
    return { node: total, tenants: totals.filter(({ tenant }) => tenant !== NODE) }
  }
}

interface Mark {
  readonly until_unix_ms: number
  readonly hour_unix_ms: number
}

type TotalRow = [tenant: string, isLate: bigint, ...figures: bigint[]]
