import type Database from 'better-sqlite3'
import type { Ceilings } from '../../model/batch.ts'

/** How far each total may have been shown. */
export class CeilingTable {
  readonly #forget: Database.Statement
  readonly #save: Database.Statement
  readonly #all: Database.Statement<[], { readonly name: string; readonly most: bigint }>

  constructor(db: Database.Database) {
    this.#forget = db.prepare('DELETE FROM ceiling')
    this.#save = db.prepare('INSERT INTO ceiling VALUES (?, ?)')
    this.#all = db.prepare<[], { name: string; most: bigint }>('SELECT * FROM ceiling').safeIntegers()
  }

  save(ceilings: Ceilings): void {
    this.#forget.run()
    for (const [name, most] of Object.entries(ceilings)) this.#save.run(name, most)
  }

  load(): Ceilings {
    return Object.fromEntries(this.#all.all().map(({ name, most }) => [name, most]))
  }
}
