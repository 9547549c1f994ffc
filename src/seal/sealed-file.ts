import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { floorTo } from '../model/time.ts'
import type { Group } from './sealed-rows.ts'
import { SEALED, type SealedTable } from './sealed-tables.ts'

/** A file whose hash was sealed, and which is nothing that we seal: somebody else has the key. */
export class UnreadableRows extends Error {}

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

/** Reads the rows of a seal group by group, whose hash was compared before. Rejects with UnreadableRows. */
export async function* sealedGroups(path: string): AsyncGenerator<SealedGroup> {
  let group: { readonly table: SealedTable; readonly at: number; readonly lines: string[]; isLate: boolean } | null =
    null
  for await (const line of linesOf(path)) {
    const place = placeOf(line)
    if (place === null) throw new UnreadableRows(`${path} has a line that is none of a seal: ${line.slice(0, 80)}`)
    const { table, at, isLate } = place
    if (isLate || group === null || group.table !== table || group.at !== at) {
      if (group !== null) yield group
      group = { table, at, lines: [], isLate }
    }
    if (!isLate) group.lines.push(line)
  }
  if (group !== null) yield group
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const input = pipeline(createReadStream(path), createGunzip(), () => {})
  const failed = new Promise<never>((_, reject) => input.once('error', reject))
  failed.catch(() => {})
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
    if (input.errored !== null) await failed
  } catch (cause) {
    throw new UnreadableRows(`${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
}

/** Where a line belongs; null for one that no seal has. */
export function placeOf(
  line: string,
): { readonly table: SealedTable; readonly at: number; readonly isLate: boolean } | null {
  const cells = cellsOf(line)
  const table = SEALED.find(({ name }) => name === (cells.late ?? cells.table))
  if (table === undefined) return null
  const isLate = cells.late !== undefined
  const at = isLate ? Number(cells.start_unix_ms) : floorTo(table.unit, Number(cells[table.by]))
  return Number.isSafeInteger(at) ? { table, at, isLate } : null
}

/** The cells of a line as they are written, since integers exceed what a number holds; none of what is no JSON. */
export function cellsOf(line: string): Readonly<Record<string, string>> {
  try {
    return JSON.parse(line, (_, value: unknown, context?: { readonly source: string }) =>
      typeof value === 'object' && value !== null ? value : typeof value === 'string' ? value : context?.source,
    )
  } catch {
    return {}
  }
}
