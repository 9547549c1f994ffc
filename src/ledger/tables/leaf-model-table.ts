import type Database from 'better-sqlite3'
import type { LeafModelState } from '../../model/batch.ts'
import { StoredRows } from './stored-rows.ts'

/** What was learned of single leaves by their meters. */
export class LeafModelTable {
  readonly #rows: StoredRows
  readonly #all: Database.Statement<[], LeafModelState>

  constructor(db: Database.Database) {
    this.#rows = new StoredRows(db, 'leaf_model', ['name'])
    this.#all = db.prepare<[], LeafModelState>('SELECT * FROM leaf_model')
  }

  save(models: readonly LeafModelState[]): void {
    this.#rows.replace(models.map(({ name, learned }) => [name, learned]))
  }

  /** See `StoredRows.forget`. */
  forget(): void {
    this.#rows.forget()
  }

  load(): readonly LeafModelState[] {
    return this.#all.all()
  }
}
