import type Database from 'better-sqlite3'
import { NEWEST_KEPT } from '../ledger/tables/retention.ts'
import { DAY_MS, floorTo } from '../model/time.ts'
import { differences, isBefore } from './compare.ts'
import type { Seal } from './seal-text.ts'
import { cellsOf, type SealedGroup, sealedGroups } from './sealed-file.ts'
import type { SealedLedger } from './sealed-ledger.ts'
import { type Group, SealedRows } from './sealed-rows.ts'
import { SEALED, type SealedTable } from './sealed-tables.ts'

/**
 * Compares the rows of seals with the ledger, the newest seal first: of a time that was written again the last seal
 * counts, and what the agent has written again since is not sealed yet.
 */
export class RowCheck {
  readonly #db: Database.Database
  readonly #rows: SealedRows
  /** Times that a newer seal holds, or the next one will. */
  readonly #renewed = new Set<string>()
  readonly #keptNumbers = new Map<string, readonly bigint[]>()
  /** Days whose hours of consumers a newer seal has summed up. */
  readonly #summedUp = new Set<number>()
  /** Times that are not sealed anew yet. */
  readonly unsealed: number

  /** `newest`: the last seal of this ledger. */
  constructor(db: Database.Database, ledger: SealedLedger, newest: Seal) {
    this.#db = db
    this.#rows = new SealedRows(db)
    const since = ledger.lateBetween([newest.numbers.late_change[1], Number.MAX_SAFE_INTEGER])
    for (const { table, startUnixMs } of since) this.#renewed.add(`${table} ${startUnixMs}`)
    this.unsealed = this.#renewed.size
  }

  /** The differences of one seal, which must be older than those before it. */
  async *differences(seal: Seal, path: string): AsyncGenerator<string> {
    const late: SealedGroup[] = []
    const present = this.#rows.groups(seal)
    let now = present.next()
    try {
      for await (const group of sealedGroups(path)) {
        if (group.isLate) {
          late.push(group)
          continue
        }
        while (!now.done && isBefore(now.value, group, SEALED)) {
          yield* this.#differencesOf(now.value.table, now.value.at, [], now.value)
          now = present.next()
        }
        const isSame = !now.done && now.value.table === group.table && now.value.at === group.at
        yield* this.#differencesOf(group.table, group.at, group.lines, isSame ? now.value : null)
        if (isSame) now = present.next()
      }
      for (; !now.done; now = present.next()) yield* this.#differencesOf(now.value.table, now.value.at, [], now.value)
    } finally {
      present.return(undefined)
    }
    for (const { table, at, lines } of late) {
      yield* this.#differencesOf(table, at, lines, this.#rows.group(table, at))
    }
    for (const { table, at } of late) {
      this.#renewed.add(keyOf(table, at))
      if (table.name === 'consumer_day') this.#summedUp.add(at)
    }
  }

  #differencesOf(table: SealedTable, at: number, sealed: readonly string[], now: Group | null): readonly string[] {
    if (this.#renewed.has(keyOf(table, at))) return []
    const lines = now?.lines ?? []
    if (table.name === 'consumer_hour') {
      const day = floorTo(DAY_MS, at)
      if (this.#summedUp.has(day)) return differences(table, [], lines)
      // Summed up since the last seal.
      if (this.#renewed.has(`consumer_day ${day}`)) return []
    }
    const kept = table.isTrimmed ? sealed.filter((line) => !this.#isTrimmed(table, line)) : sealed
    return differences(table, kept, lines)
  }

  /** True for a row that is too old to be kept, and is gone. */
  #isTrimmed({ name }: SealedTable, line: string): boolean {
    const [least = 0n, most = 0n] = this.#kept(name)
    const number = BigInt(cellsOf(line)[`${name}_id`] ?? 0)
    return number < least && number <= most - BigInt(NEWEST_KEPT)
  }

  #kept(name: string): readonly bigint[] {
    const known = this.#keptNumbers.get(name)
    if (known !== undefined) return known
    const query = `SELECT ifnull(min(${name}_id), 0), ifnull(max(${name}_id), 0) FROM ${name}`
    const numbers = this.#db.prepare<[], bigint[]>(query).raw().safeIntegers().get() ?? []
    this.#keptNumbers.set(name, numbers)
    return numbers
  }
}

function keyOf({ name }: SealedTable, at: number): string {
  return `${name} ${at}`
}
