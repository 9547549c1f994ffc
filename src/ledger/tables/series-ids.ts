import type Database from 'better-sqlite3'

/** Numbers what rows of one start are told apart by: a meter or a part with its quality. */
export class SeriesIds {
  readonly #find: Database.Statement<[string], number>
  readonly #add: Database.Statement<[string]>
  readonly #ids = new Map<string, number>()

  constructor(db: Database.Database) {
    this.#find = db.prepare<[string], number>('SELECT series_id FROM series WHERE name = ?').pluck()
    this.#add = db.prepare<[string]>('INSERT INTO series (name) VALUES (?)')
  }

  of(label: string, quality: string): number {
    const name = `${label} ${quality}`
    const id = this.#ids.get(name) ?? this.#find.get(name) ?? Number(this.#add.run(name).lastInsertRowid)
    this.#ids.set(name, id)
    return id
  }

  /** Numbers given in a transaction that was rolled back are void. */
  forget(): void {
    this.#ids.clear()
  }
}
