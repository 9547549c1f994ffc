import type { Fact, ReportDocument, Section, Table } from '../document-shape.ts'
import { wrapped } from './wrap.ts'

/** For a terminal: 80 columns, no colour. Numbers are never cut: what is too wide for a line wraps. */
export function tableText({ title, subtitle, facts, sections }: ReportDocument): string {
  return [title, subtitle, '', ...factLines(facts), ...sections.flatMap(sectionLines), ''].join('\n')
}

const WIDTH = 80
const GAP = 2
/** Below this a column of text cannot be read. */
const NARROWEST = 6
/** What a column of text keeps before columns of numbers go below. */
const READABLE = 20

function sectionLines({ heading, about, table, facts }: Section): string[] {
  const lines = table === null ? (facts.length === 0 ? ['None.'] : []) : tableLines(table)
  return ['', heading.toUpperCase(), ...(about === '' ? [] : wrapped(about, WIDTH)), ...lines, ...factLines(facts)]
}

function factLines(facts: readonly Fact[]): string[] {
  const names = Math.max(0, ...facts.map(([name]) => name.length)) + GAP
  return facts.flatMap(([name, value]) =>
    wrapped(value, WIDTH - names).map((line, index) => `${(index === 0 ? name : '').padEnd(names)}${line}`.trimEnd()),
  )
}

/** Columns that do not fit into one line follow below, beside the names of the rows once more. */
function tableLines(table: Table): string[] {
  const { head, rows, total, right } = table
  const all = [head, ...rows, ...(total === null ? [] : [total])]
  const first = head.flatMap((_, column) => (right.has(column) ? [] : [column]))
  const pieces: number[][] = [[...first]]
  for (const column of head.keys()) {
    if (!right.has(column)) continue
    const piece = pieces.at(-1) ?? []
    if (piece.length > first.length && least(all, [...piece, column], right) > WIDTH) pieces.push([...first, column])
    else piece.push(column)
  }
  return pieces.flatMap((columns, n) => [
    ...(n === 0 ? [] : ['']),
    ...pieceLines(
      table,
      columns.sort((a, b) => a - b),
    ),
  ])
}

/** The width of some columns where those of text are as narrow as can be. */
function least(rows: readonly (readonly string[])[], columns: readonly number[], right: ReadonlySet<number>): number {
  const widths = columns.map((column) => {
    const widest = rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0)
    return right.has(column) ? widest : Math.min(widest, READABLE)
  })
  return widths.reduce((sum, width) => sum + width, GAP * (widths.length - 1))
}

function pieceLines(table: Table, columns: readonly number[]): string[] {
  const picked = (row: readonly string[]) => columns.map((column) => row[column] ?? '')
  const right = new Set(columns.flatMap((column, at) => (table.right.has(column) ? [at] : [])))
  const [head, rows] = [picked(table.head), table.rows.map(picked)]
  const total = table.total === null ? null : picked(table.total)
  const widths = fitted([head, ...rows, ...(total === null ? [] : [total])], right)
  const rule = widths.map((width) => '-'.repeat(width)).join(' '.repeat(GAP))
  const lines = (row: readonly string[]) => rowLines(row, widths, right)
  return [...lines(head), rule, ...rows.flatMap(lines), ...(total === null ? [] : [rule, ...lines(total)])]
}

/** As wide as their widest cell, and columns of text narrower, the widest first, until a line holds all. */
function fitted(rows: readonly (readonly string[])[], right: ReadonlySet<number>): number[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0),
  )
  const excess = () => widths.reduce((sum, width) => sum + width, GAP * (widths.length - 1)) - WIDTH
  while (excess() > 0) {
    const widest = widths
      .map((width, column) => ({ width, column }))
      .filter(({ width, column }) => width > NARROWEST && !right.has(column))
      .reduce<{ width: number; column: number } | null>(
        (most, one) => (one.width > (most?.width ?? 0) ? one : most),
        null,
      )
    if (widest === null) break
    widths[widest.column] = widest.width - 1
  }
  return widths
}

function rowLines(row: readonly string[], widths: readonly number[], right: ReadonlySet<number>): string[] {
  const cells = row.map((cell, column) => wrapped(cell, widths[column] ?? WIDTH))
  const height = Math.max(1, ...cells.map((cell) => cell.length))
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((cell, column) => {
        const text = cell[line] ?? ''
        return right.has(column) ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0)
      })
      .join(' '.repeat(GAP))
      .trimEnd(),
  )
}
