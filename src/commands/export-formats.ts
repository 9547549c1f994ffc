import type { Cell, Span, ViewRows } from '../ledger/view-rows.ts'
import { quoted } from '../model/quoted.ts'
import { parquet } from './export-parquet.ts'
import type { Pieces, Position } from './export-pieces.ts'

/** `labels`: further ones of each series; tables have none. */
export type Format = (view: ViewRows, span: Span, labels: ReadonlyMap<string, string>) => Pieces

export const FORMATS = { csv, jsonl, openmetrics, parquet } satisfies Record<string, Format>

/** RFC 4180. What is not known is empty. */
function* csv(view: ViewRows, span: Span): Pieces {
  const record = (cells: readonly Cell[]) => `${cells.map(csvField).join(',')}\r\n`
  yield { text: record(view.columns) }
  for (const cells of view.rows(span)) yield { text: record(cells), at: positionOf(view, cells) }
}

function csvField(cell: Cell): string {
  const text = cell === null ? '' : String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** An object a line. */
function* jsonl(view: ViewRows, span: Span): Pieces {
  const names = view.columns.map((name) => JSON.stringify(name))
  for (const cells of view.rows(span)) {
    const members = cells.map(
      (cell, index) => `${names[index]}:${typeof cell === 'bigint' ? cell : JSON.stringify(cell)}`,
    )
    yield { text: `{${members.join(',')}}\n`, at: positionOf(view, cells) }
  }
}

function positionOf({ columns, timeColumn }: ViewRows, cells: readonly Cell[]): Position {
  return { unixMs: Date.parse(String(cells[columns.indexOf(timeColumn)])), pass: 0, passes: 1 }
}

/**
 * OpenMetrics 1.0, one family a column, for `promtool tsdb create-blocks-from openmetrics`. A sample has the time at
 * which its hour or day ends, as a recording rule of it would have.
 */
function* openmetrics(view: ViewRows, span: Span, further: ReadonlyMap<string, string>): Pieces {
  const target = [...further].map(([name, value]) => `${name}=${quoted(value)}`)
  const periodS = (view.periodMs ?? 0) / 1000
  const passes = view.figures.length
  for (const [pass, figure] of view.figures.entries()) {
    const name = `wattledger_${view.view}_${figure}`
    yield { text: `# TYPE ${name} gauge\n` }
    for (const [starts, value, ...labels] of view.series(figure, span)) {
      const own = labels.map((cell, index) => `${view.labels[index]}=${quoted(String(cell ?? ''))}`)
      const pairs = [...target, ...own]
      const set = pairs.length === 0 ? '' : `{${pairs.join(',')}}`
      const at = { unixMs: Number(starts) * 1000, pass, passes }
      yield { text: `${name}${set} ${value} ${Number(starts) + periodS}\n`, at }
    }
  }
  yield { text: '# EOF\n' }
}
