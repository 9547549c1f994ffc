import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { floorTo } from '../model/time.ts'
import type { Group } from './sealed-rows.ts'
import { SEALED, type SealedTable } from './sealed-tables.ts'

/** A group as a sealed file has it. */
export interface SealedGroup extends Group {
  /** It replaces what earlier seals have of its time. */
  readonly isLate: boolean
}

/** The SHA-256 of a file, as `sha256sum` has it. Rejects with what the disk gives. */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

/** Reads the rows of a seal group by group, whose hash was compared before. */
export async function* sealedGroups(path: string): AsyncGenerator<SealedGroup> {
  let group: { readonly table: SealedTable; readonly at: number; readonly lines: string[]; isLate: boolean } | null =
    null
  const input = createReadStream(path).pipe(createGunzip())
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line === '') continue
    const cells = cellsOf(line)
    const name = cells.late ?? cells.table
    const table = SEALED.find((one) => one.name === name)
    if (table === undefined) continue
    const isLate = cells.late !== undefined
    const at = isLate ? Number(cells.start_unix_ms) : floorTo(table.unit, Number(cells[table.by]))
    if (isLate || group === null || group.table !== table || group.at !== at) {
      if (group !== null) yield group
      group = { table, at, lines: [], isLate }
    }
    if (!isLate) group.lines.push(line)
  }
  if (group !== null) yield group
}

/** The cells of a line as they are written: integers there exceed what a number holds. */
export function cellsOf(line: string): Readonly<Record<string, string>> {
  return JSON.parse(line, (_, value: unknown, context?: { readonly source: string }) =>
    typeof value === 'object' && value !== null ? value : typeof value === 'string' ? value : context?.source,
  )
}
