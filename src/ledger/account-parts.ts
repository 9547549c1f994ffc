import type Database from 'better-sqlite3'
import type { MissingLeaf, NodeState } from '../model/batch.ts'
import type { Part } from '../model/part.ts'
import type { Quality } from '../model/posting.ts'

type Saved = Pick<NodeState, 'parts' | 'leaves' | 'missing'>

/** The node account by part, and the leaves that it is made of. */
export class AccountParts {
  readonly #savePart: Database.Statement
  readonly #forgetLeaves: Database.Statement
  readonly #saveLeaf: Database.Statement
  readonly #parts: Database.Statement<[], { part: Part; quality: Quality; energy_uj: bigint }>
  readonly #leaves: Database.Statement<[], { name: string; missing_from_ns: bigint | null }>

  constructor(db: Database.Database) {
    this.#savePart = db.prepare('INSERT OR REPLACE INTO part_total VALUES (?, ?, ?)')
    this.#forgetLeaves = db.prepare('DELETE FROM leaf')
    this.#saveLeaf = db.prepare(
      'INSERT INTO leaf VALUES (?, ?) ON CONFLICT DO UPDATE SET missing_from_ns = excluded.missing_from_ns',
    )
    this.#parts = db
      .prepare<[], { part: Part; quality: Quality; energy_uj: bigint }>('SELECT * FROM part_total')
      .safeIntegers()
    this.#leaves = db.prepare<[], { name: string; missing_from_ns: bigint | null }>('SELECT * FROM leaf').safeIntegers()
  }

  save({ parts, leaves, missing }: Saved): void {
    for (const { part, quality, energyUj } of parts) this.#savePart.run(part, quality, energyUj)
    this.#forgetLeaves.run()
    for (const name of leaves) this.#saveLeaf.run(name, null)
    for (const { name, sinceNs } of missing) this.#saveLeaf.run(name, sinceNs)
  }

  load(): Saved {
    const leaves = this.#leaves.all()
    return {
      parts: this.#parts.all().map(({ part, quality, energy_uj: energyUj }) => ({ part, quality, energyUj })),
      leaves: leaves.map(({ name }) => name),
      missing: leaves.flatMap(({ name, missing_from_ns: sinceNs }): MissingLeaf[] =>
        sinceNs === null ? [] : [{ name, sinceNs }],
      ),
    }
  }
}
