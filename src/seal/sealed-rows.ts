import type Database from 'better-sqlite3'
import { floorTo } from '../model/time.ts'
import type { Seal } from './seal-text.ts'
import { APPENDED, CLOSABLE, SEALED, type SealedName, type SealedTable } from './sealed-tables.ts'

type Cell = bigint | string | null

/** Rows of one table that are compared together: those of an hour or a day, or one of a number. */
export interface Group {
  readonly table: SealedTable
  /** The start of the time, or the number. */
  readonly at: number
  readonly lines: readonly string[]
}

/** What of a seal says which rows it holds. */
export type Span = Pick<Seal, 'fromUnixMs' | 'untilUnixMs' | 'numbers'>

/** A closed time that was written again. */
export interface Late {
  readonly table: SealedName
  readonly startUnixMs: number
}

/** The rows of a ledger as seals have them: JSON, one row a line, in one order. */
export class SealedRows {
  readonly #statements: ReadonlyMap<SealedName, Database.Statement<[number, number], Cell[]>>

  constructor(db: Database.Database) {
    const prepare = ({ keys, values, from, by, order }: SealedTable) =>
      db
        .prepare<[number, number], Cell[]>(
          `SELECT ${by}, ${[...keys, ...values]} FROM ${from} WHERE ${by} >= ? AND ${by} < ? ORDER BY ${order}`,
        )
        .raw()
        .safeIntegers()
    this.#statements = new Map(SEALED.map((table) => [table.name, prepare(table)]))
  }

  /** In the order of a seal's file, but for the late ones. */
  *groups({ fromUnixMs, untilUnixMs, numbers }: Span): Generator<Group> {
    for (const table of CLOSABLE) yield* this.#groupsOf(table, fromUnixMs, untilUnixMs)
    for (const table of APPENDED) {
      const [after, upTo] = numbers[table.name]
      yield* this.#groupsOf(table, after + 1, upTo + 1)
    }
  }

  /** What a closed time holds now. */
  group(table: SealedTable, at: number): Group {
    const [group] = this.#groupsOf(table, at, at + table.unit)
    return group ?? { table, at, lines: [] }
  }

  *#groupsOf(table: SealedTable, from: number, until: number): Generator<Group> {
    let at = Number.NaN
    let lines: string[] = []
    for (const [by, ...cells] of this.#statements.get(table.name)?.iterate(from, until) ?? []) {
      const own = floorTo(table.unit, Number(by))
      if (own !== at) {
        if (lines.length > 0) yield { table, at, lines }
        at = own
        lines = []
      }
      lines.push(lineOf(table, cells))
    }
    if (lines.length > 0) yield { table, at, lines }
  }
}

/** The line before the rows of a late time, which replace all that earlier seals have of it. */
export function lateLineOf({ table, startUnixMs }: Late): string {
  return `{"late":"${table}","start_unix_ms":${startUnixMs}}`
}

function lineOf({ name, keys, values }: SealedTable, cells: readonly Cell[]): string {
  const members = [...keys, ...values].map((column, index) => `"${column}":${json(cells[index] ?? null)}`)
  return `{"table":"${name}",${members.join(',')}}`
}

function json(cell: Cell): string {
  return typeof cell === 'bigint' ? String(cell) : JSON.stringify(cell)
}
