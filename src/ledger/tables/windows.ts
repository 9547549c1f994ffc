import type Database from 'better-sqlite3'
import type { ClosedBy, EndedWindow, WindowQuery, WindowRow } from '../../model/window.ts'

interface WindowRecord {
  readonly id: string
  readonly uid: bigint | null
  readonly name: string
  readonly tags: string
  readonly series: string
  readonly repeats: bigint | null
  readonly baseline_uw: bigint | null
  readonly boot_id: string
  readonly start_ns: bigint
  readonly start_unix_ms: bigint
  readonly limit_ms: bigint
  readonly end_ns: bigint | null
  readonly end_unix_ms: bigint | null
  readonly closed_by: ClosedBy | null
  readonly is_final: bigint
  readonly energy_uj: bigint
  readonly co2e_location_ug: bigint | null
  readonly sums: string
}

const COLUMNS = [
  'id',
  'uid',
  'name',
  'tags',
  'series',
  'repeats',
  'baseline_uw',
  'boot_id',
  'start_ns',
  'start_unix_ms',
  'limit_ms',
  'end_ns',
  'end_unix_ms',
  'closed_by',
  'is_final',
  'energy_uj',
  'co2e_location_ug',
  'sums',
]
/** What changes while a window lasts. */
const CHANGING = ['is_final', 'energy_uj', 'co2e_location_ug', 'sums']
/** What is known for good once it is: a row that waited to be written may be of before the end. */
const ENDING = ['end_ns', 'end_unix_ms', 'closed_by']

type ListStatement = Database.Statement<[Record<string, unknown>], WindowRecord>

/** A series is looked for among so many, the newest: a list takes milliseconds. */
const MOST_SEARCHED = 10_000

/** Measured windows. @throws SqliteError */
export class Windows {
  readonly #put: Database.Statement
  readonly #write: (begun: readonly WindowRow[], ended: readonly EndedWindow[]) => void
  readonly #unfinished: Database.Statement<[], WindowRecord>
  readonly #find: Database.Statement<[string], WindowRecord>
  readonly #all: ListStatement
  readonly #named: ListStatement
  readonly #owned: ListStatement
  readonly #ownedAndNamed: ListStatement

  constructor(db: Database.Database) {
    const changes = [
      ...CHANGING.map((column) => `${column} = excluded.${column}`),
      ...ENDING.map((column) => `${column} = coalesce(excluded.${column}, ${column})`),
    ].join(', ')
    const insert = `INSERT INTO measured_window (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`
    this.#put = db.prepare(`${insert} ON CONFLICT (id) DO UPDATE SET ${changes}`)
    const putNew = db.prepare(`${insert} ON CONFLICT (id) DO NOTHING`)
    const end = db.prepare(
      'UPDATE measured_window SET end_ns = ?, end_unix_ms = ?, closed_by = ? WHERE id = ? AND end_ns IS NULL',
    )
    const write = db.transaction((begun: readonly WindowRow[], ended: readonly EndedWindow[]) => {
      for (const row of begun) putNew.run(...cellsOf(row))
      for (const one of ended) end.run(one.end.ns, one.end.unixMs, one.end.by, one.id)
    })
    this.#write = write.immediate
    const select = (rest: string) => `SELECT ${COLUMNS.join(', ')} FROM measured_window ${rest}`
    this.#unfinished = db.prepare<[], WindowRecord>(select('WHERE is_final = 0')).safeIntegers()
    this.#find = db.prepare<[string], WindowRecord>(select('WHERE id = ?')).safeIntegers()
    const listBy = (where: string) =>
      db
        .prepare<[Record<string, unknown>], WindowRecord>(
          `SELECT ${COLUMNS.join(', ')} FROM (
             SELECT * FROM measured_window ${where} ORDER BY start_unix_ms DESC, measured_window_id DESC LIMIT ${MOST_SEARCHED}
           ) WHERE :series IS NULL OR series = :series LIMIT :most`,
        )
        .safeIntegers()
    this.#all = listBy('')
    this.#named = listBy('WHERE name = :name')
    this.#owned = listBy('WHERE uid = :uid')
    this.#ownedAndNamed = listBy('WHERE uid = :uid AND name = :name')
  }

  put(row: WindowRow): void {
    this.#put.run(...cellsOf(row))
  }

  /** All or none. What a flush has written meanwhile stands: it knows more. */
  write(begun: readonly WindowRow[], ended: readonly EndedWindow[]): void {
    this.#write(begun, ended)
  }

  unfinished(): WindowRow[] {
    return this.#unfinished.all().map(rowOf)
  }

  find(id: string): WindowRow | null {
    const record = this.#find.get(id)
    return record === undefined ? null : rowOf(record)
  }

  list(query: WindowQuery): WindowRow[] {
    const named = query.name !== null
    const ofAll = named ? this.#named : this.#all
    const statement = query.uid === null ? ofAll : named ? this.#ownedAndNamed : this.#owned
    return statement.all({ ...query }).map(rowOf)
  }
}

function cellsOf(row: WindowRow): readonly (string | number | bigint | null)[] {
  return [
    row.id,
    row.uid,
    row.name,
    JSON.stringify(row.tags),
    row.series,
    row.repeats,
    row.baselineUw,
    row.bootId,
    row.startNs,
    row.startUnixMs,
    row.limitMs,
    row.end?.ns ?? null,
    row.end?.unixMs ?? null,
    row.end?.by ?? null,
    row.isFinal ? 1 : 0,
    row.energyUj,
    row.co2eLocationUg,
    row.sums,
  ]
}

function rowOf(record: WindowRecord): WindowRow {
  const { end_ns: ns, end_unix_ms: unixMs, closed_by: by } = record
  return {
    id: record.id,
    uid: record.uid === null ? null : Number(record.uid),
    name: record.name,
    tags: JSON.parse(record.tags) as WindowRow['tags'],
    series: record.series,
    repeats: record.repeats === null ? null : Number(record.repeats),
    baselineUw: record.baseline_uw,
    bootId: record.boot_id,
    startNs: record.start_ns,
    startUnixMs: Number(record.start_unix_ms),
    limitMs: Number(record.limit_ms),
    end: ns === null || unixMs === null || by === null ? null : { ns, unixMs: Number(unixMs), by },
    isFinal: record.is_final === 1n,
    energyUj: record.energy_uj,
    co2eLocationUg: record.co2e_location_ug,
    sums: record.sums,
  }
}
