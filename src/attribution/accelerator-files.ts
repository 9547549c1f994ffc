import { opendirSync } from 'node:fs'
import { readBounded } from '../io/bounded-file.ts'

const MOST_BYTES = 1 << 24

/** Empty for a file that is not there, or only root may read. */
export function textOf(path: string): string {
  try {
    return readBounded(path, MOST_BYTES).bytes.toString('utf8')
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
