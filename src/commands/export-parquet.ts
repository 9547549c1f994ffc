import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import type { Cell, Span, ViewRows } from '../ledger/view-rows.ts'
import type { Pieces } from './export-pieces.ts'

/** Few enough to be held, many enough to be packed well. */
const GROUP_ROWS = 10_000
/** So often it is told how far it is. */
const SHOWN_ROWS = 500
const TIMES: ReadonlySet<string> = new Set(['hour', 'day', 'at', 'started', 'ended', 'starts', 'ends'])
/** Units, with which figures end that SQLite computes. */
const FIGURE = /^pue$|_(?:kwh|pct|dq|g|l|w|j|s)$/

type Type = 'STRING' | 'DOUBLE' | 'INT64' | 'TIMESTAMP'
type Stored = string | number | bigint | Date | null

/** Apache Parquet (https://parquet.apache.org/docs/file-format/), a group of rows at a time. Times are UTC, in ms. */
export function* parquet(view: ViewRows, span: Span): Pieces {
  const types = view.columnTypes.map((declared, index) => typeOf(view.columns[index] ?? '', declared))
  // By column from the first, since as many rows beside them would take as much again.
  const emptied = () =>
    view.columns.map((name, index) => ({
      name,
      type: types[index] ?? 'STRING',
      data: [] as Stored[],
      offsetIndex: false,
    }))
  let columns = emptied()
  const bytes = new ByteWriter()
  const writer = new ParquetWriter({ writer: bytes, schema: schemaFromColumnData({ columnData: columns }) })
  const taken = () => {
    const copy = bytes.getBytes().slice()
    bytes.index = 0
    return copy
  }
  let rows = 0
  const write = () => {
    if (rows > 0) writer.write({ columnData: columns, rowGroupSize: GROUP_ROWS })
    columns = emptied()
    rows = 0
  }
  const time = view.columns.indexOf(view.timeColumn)
  for (const cells of view.rows(span)) {
    for (const [index, { data, type }] of columns.entries()) data.push(stored(cells[index] ?? null, type))
    rows += 1
    if (rows % SHOWN_ROWS !== 0) continue
    if (rows === GROUP_ROWS) write()
    yield { bytes: taken(), at: { unixMs: Date.parse(String(cells[time])), pass: 0, passes: 1 } }
  }
  write()
  writer.finish()
  yield { bytes: taken() }
}

/** The same for a view whatever its rows hold, so that files of different times go together. */
function typeOf(name: string, declared: string | null): Type {
  if (TIMES.has(name)) return 'TIMESTAMP'
  if (declared === 'INTEGER') return 'INT64'
  return declared === null && FIGURE.test(name) ? 'DOUBLE' : 'STRING'
}

function stored(cell: Cell, type: Type): Stored {
  if (cell === null) return null
  if (type === 'TIMESTAMP') return new Date(String(cell))
  if (type === 'INT64') return BigInt(cell)
  return type === 'DOUBLE' ? Number(cell) : String(cell)
}
