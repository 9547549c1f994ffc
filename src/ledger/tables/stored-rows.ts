import type Database from 'better-sqlite3'

type Cell = string | bigint | null
type Row = readonly Cell[]

/** A small table of totals, whose rows are given anew at each save: it knows what is stored, and writes only what differs. */
export class StoredRows {
  readonly #keys: number
  readonly #all: Database.Statement<[], Cell[]>
  readonly #put: Database.Statement
  readonly #delete: Database.Statement
  #stored: Map<string, Row> | null = null

  /** @param keys the columns that tell rows apart, which are the table's first */
  constructor(db: Database.Database, table: string, keys: readonly string[]) {
    this.#keys = keys.length
    this.#all = db.prepare<[], Cell[]>(`SELECT * FROM ${table}`).raw().safeIntegers()
    const places = this.#all.columns().map(() => '?')
    this.#put = db.prepare(`INSERT OR REPLACE INTO ${table} VALUES (${places.join(', ')})`)
    this.#delete = db.prepare(`DELETE FROM ${table} WHERE ${keys.map((key) => `${key} = ?`).join(' AND ')}`)
  }

  /** Adds rows and changes those that differ. */
  put(rows: Iterable<Row>): void {
    const stored = this.#load()
    for (const row of rows) {
      const key = this.#keyOf(row)
      if (isSame(stored.get(key), row)) continue
      this.#put.run(...row)
      stored.set(key, row)
    }
  }

  /** Makes these all that the table has. */
  replace(rows: readonly Row[]): void {
    const stored = this.#load()
    const kept = new Set(rows.map((row) => this.#keyOf(row)))
    for (const [key, row] of stored) {
      if (kept.has(key)) continue
      this.#delete.run(...row.slice(0, this.#keys))
      stored.delete(key)
    }
    this.put(rows)
  }

  /** What was written in a transaction that was rolled back is not stored. */
  forget(): void {
    this.#stored = null
  }

  #load(): Map<string, Row> {
    this.#stored ??= new Map(this.#all.all().map((row) => [this.#keyOf(row), row]))
    return this.#stored
  }

  #keyOf(row: Row): string {
    return this.#keys === 1 ? `${row[0]}` : row.slice(0, this.#keys).join('\0')
  }
}

function isSame(stored: Row | undefined, row: Row): boolean {
  return stored?.every((cell, index) => cell === row[index]) ?? false
}
