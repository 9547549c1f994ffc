import { statSync } from 'node:fs'
import { readBounded, UnfitFile } from '../../io/bounded-file.ts'

/** What a file looked like right before it was read, by path. */
export type FileStamps = Map<string, string>

/** A chain of certificates takes some kilobytes. A larger file is a wrong file. */
const MOST_BYTES = 1 << 20

/**
 * Reads a text and notes the file's stamp first, so that a change during the read shows as a change afterwards. Throws an
 * Error whose message says why it cannot, without the path.
 */
export function readStamped(path: string, stamps: FileStamps): string {
  stamps.set(path, stampOf(path))
  try {
    return readBounded(path, MOST_BYTES).bytes.toString('utf8')
  } catch (cause) {
    if (cause instanceof UnfitFile) throw new Error(cause.message.replace(path, 'it'), { cause })
    throw new Error(`it cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause })
  }
}

export function haveChanged(stamps: ReadonlyMap<string, string>): boolean {
  for (const [path, stamp] of stamps) if (stampOf(path) !== stamp) return true
  return false
}

/** The change time cannot be set back, unlike the modification time; the inode tells a file that was renamed into place. */
function stampOf(path: string): string {
  try {
    const { ino, size, ctimeNs } = statSync(path, { bigint: true })
    return `${ino} ${size} ${ctimeNs}`
  } catch {
    return 'unreadable'
  }
}
