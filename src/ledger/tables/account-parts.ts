import type Database from 'better-sqlite3'
import type { NodeState } from '../../model/batch.ts'
import type { Part } from '../../model/part.ts'
import type { Quality } from '../../model/posting.ts'
import { StoredRows } from './stored-rows.ts'

type Saved = Pick<NodeState, 'parts' | 'leaves' | 'missing' | 'leafGaps'>

interface PartRecord {
  readonly part: Part
  readonly quality: Quality
  readonly energy_uj: bigint
}

interface LeafRecord {
  readonly name: string
  readonly is_metered: bigint
  readonly missing_from_ns: bigint | null
  readonly unaccounted_ns: bigint
}

/** The node account by part, and the leaves that it is made of. */
export class AccountParts {
  readonly #partRows: StoredRows
  readonly #leafRows: StoredRows
  readonly #parts: Database.Statement<[], PartRecord>
  readonly #leaves: Database.Statement<[], LeafRecord>

  constructor(db: Database.Database) {
    this.#partRows = new StoredRows(db, 'part_total', ['part', 'quality'])
    this.#leafRows = new StoredRows(db, 'leaf', ['name'])
    this.#parts = db.prepare<[], PartRecord>('SELECT * FROM part_total').safeIntegers()
    this.#leaves = db.prepare<[], LeafRecord>('SELECT * FROM leaf').safeIntegers()
  }

  save({ parts, leaves, missing, leafGaps }: Saved): void {
    this.#partRows.put(parts.map(({ part, quality, energyUj }) => [part, quality, energyUj]))
    const metered = new Set(leaves)
    const since = new Map(missing.map(({ name, sinceNs }) => [name, sinceNs]))
    const gaps = new Map(leafGaps.map(({ name, unaccountedNs }) => [name, unaccountedNs]))
    const names = new Set([...leaves, ...since.keys(), ...gaps.keys()])
    const rowOf = (name: string) => [name, metered.has(name) ? 1n : 0n, since.get(name) ?? null, gaps.get(name) ?? 0n]
    this.#leafRows.replace([...names].map(rowOf))
  }

  /** See `StoredRows.forget`. */
  forget(): void {
    this.#partRows.forget()
    this.#leafRows.forget()
  }

  load(): Saved {
    const leaves = this.#leaves.all()
    return {
      parts: this.#parts.all().map(({ part, quality, energy_uj: energyUj }) => ({ part, quality, energyUj })),
      leaves: leaves.flatMap(({ name, is_metered: isMetered }) => (isMetered === 1n ? name : [])),
      missing: leaves.flatMap(({ name, missing_from_ns: sinceNs }) => (sinceNs === null ? [] : { name, sinceNs })),
      leafGaps: leaves.flatMap(({ name, unaccounted_ns: unaccountedNs }) =>
        unaccountedNs === 0n ? [] : { name, unaccountedNs },
      ),
    }
  }
}
