import { cellsOf } from './sealed-file.ts'
import type { Group } from './sealed-rows.ts'
import type { SealedTable } from './sealed-tables.ts'

/** What differs, one line for each row: which, and how. */
export function differences(table: SealedTable, sealed: readonly string[], now: readonly string[]): readonly string[] {
  if (sealed.length === now.length && sealed.every((line, index) => line === now[index])) return []
  const [before, after] = [byKey(table, sealed), byKey(table, now)]
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const row = `${table.name} ${key}`
    const [old, present] = [before.get(key), after.get(key)]
    if (old === undefined) return [`${row} was added`]
    if (present === undefined) return [`${row} is gone`]
    const changed = table.values.filter((column) => old[column] !== present[column])
    return changed.map((column) => `${row}: ${column} is ${present[column]}, and was ${old[column]}`)
  })
}

type Cells = Readonly<Record<string, string>>

/** A time as people write it. */
function byKey({ keys }: SealedTable, lines: readonly string[]): ReadonlyMap<string, Cells> {
  return new Map(
    lines.map((line) => {
      const cells = cellsOf(line)
      const shown = keys.map((column) => (column.endsWith('_unix_ms') ? utc(cells[column]) : (cells[column] ?? '')))
      return [shown.join(' '), cells]
    }),
  )
}

function utc(unixMs = ''): string {
  return new Date(Number(unixMs)).toISOString().replace('.000Z', 'Z')
}

/** A position in the order of a seal's file. */
export function isBefore(a: Group, b: Group, order: readonly SealedTable[]): boolean {
  const [rankA, rankB] = [order.indexOf(a.table), order.indexOf(b.table)]
  return rankA < rankB || (rankA === rankB && a.at < b.at)
}
