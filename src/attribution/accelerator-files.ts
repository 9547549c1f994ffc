import { opendirSync } from 'node:fs'
import { readBounded } from '../io/bounded-file.ts'

const MOST_BYTES = 1 << 16

/** Empty for a file that is not there, only root may read, or has more bytes. */
export function textOf(path: string, mostBytes = MOST_BYTES): string {
  try {
    return readBounded(path, mostBytes).bytes.toString('utf8')
  } catch {
    return ''
  }
}

/** What a folder holds, at most so many; nothing where it is not there. */
export function entriesIn(
  path: string,
  most: number,
): readonly { readonly name: string; readonly isFolder: boolean }[] {
  const entries: { name: string; isFolder: boolean }[] = []
  try {
    const folder = opendirSync(path)
    try {
      for (let entry = folder.readSync(); entry !== null && entries.length < most; entry = folder.readSync()) {
        entries.push({ name: entry.name, isFolder: entry.isDirectory() })
      }
    } finally {
      folder.closeSync()
    }
  } catch {}
  return entries
}
