import type Database from 'better-sqlite3'
import type { StageShare } from '../../model/life-stage.ts'

type Stored = Pick<StageShare, 'ppm' | 'lowPpm' | 'highPpm' | 'source'>

/** What each stage of the machine's life is of the making: a row more whenever that changes. */
export class StageTable {
  readonly #newest: Database.Statement<[string], Stored>
  readonly #put: Database.Statement<[string, number, bigint | null, bigint | null, bigint | null, string]>
  #seen: readonly StageShare[] | null = null

  constructor(db: Database.Database) {
    this.#newest = db
      .prepare<[string], Stored>(
        `SELECT ppm, low_ppm AS lowPpm, high_ppm AS highPpm, source FROM embodied_stage
         WHERE stage = ? ORDER BY since_unix_ms DESC LIMIT 1`,
      )
      .safeIntegers()
    this.#put = db.prepare('INSERT OR REPLACE INTO embodied_stage VALUES (?, ?, ?, ?, ?, ?)')
  }

  /** The first ones are of all time before, too. */
  put(stages: readonly StageShare[], atUnixMs: number): void {
    if (stages === this.#seen) return
    for (const { stage, ppm, lowPpm, highPpm, source } of stages) {
      const newest = this.#newest.get(stage)
      const since = newest === undefined ? 0 : Math.floor(atUnixMs)
      const isSame = newest?.ppm === ppm && newest.lowPpm === lowPpm && newest.highPpm === highPpm
      if (!isSame || newest.source !== source) this.#put.run(stage, since, ppm, lowPpm, highPpm, source)
    }
    this.#seen = stages
  }

  /** What was written last may have been undone. */
  forget(): void {
    this.#seen = null
  }
}
