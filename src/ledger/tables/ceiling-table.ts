import type Database from 'better-sqlite3'
import type { Ceilings } from '../../model/batch.ts'
import { StoredRows } from './stored-rows.ts'

/** How far each total may have been shown. */
export class CeilingTable {
  readonly #rows: StoredRows
  readonly #all: Database.Statement<[], { readonly name: string; readonly most: bigint }>

  constructor(db: Database.Database) {
    this.#rows = new StoredRows(db, 'ceiling', ['name'])
    this.#all = db.prepare<[], { name: string; most: bigint }>('SELECT * FROM ceiling').safeIntegers()
  }

  save(ceilings: Ceilings): void {
    this.#rows.replace(Object.entries(ceilings))
  }

  load(): Ceilings {
    return Object.fromEntries(this.#all.all().map(({ name, most }) => [name, most]))
  }

  /** See `StoredRows.forget`. */
  forget(): void {
    this.#rows.forget()
  }
}
