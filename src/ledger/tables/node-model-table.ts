import type Database from 'better-sqlite3'
import type { NodeModelState } from '../../model/batch.ts'
import { StoredRows } from './stored-rows.ts'

interface NodeModelRecord {
  readonly meter: string
  readonly changes: bigint
  readonly is_newest: bigint
  readonly learned: string
}

/** What was learned of the machine by its meters. */
export class NodeModelTable {
  readonly #rows: StoredRows
  readonly #all: Database.Statement<[], NodeModelRecord>

  constructor(db: Database.Database) {
    this.#rows = new StoredRows(db, 'node_model', ['meter'])
    this.#all = db.prepare<[], NodeModelRecord>('SELECT * FROM node_model').safeIntegers()
  }

  save(models: readonly NodeModelState[]): void {
    this.#rows.replace(
      models.map(({ meter, changes, isNewest, learned }) => [meter, changes, isNewest ? 1n : 0n, learned]),
    )
  }

  /** See `StoredRows.forget`. */
  forget(): void {
    this.#rows.forget()
  }

  load(): readonly NodeModelState[] {
    return this.#all.all().map(({ is_newest: isNewest, ...model }) => ({ ...model, isNewest: isNewest === 1n }))
  }
}
