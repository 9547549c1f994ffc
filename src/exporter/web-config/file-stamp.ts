import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs'

/** What a file looked like right before it was read, by path. */
export type FileStamps = Map<string, string>

/** A chain of certificates takes some kilobytes. A larger file is a wrong file. */
const MOST_BYTES = 1 << 20

/** Reads a text and notes the file's stamp first, so that a change during the read shows as a change afterwards. */
export function readStamped(path: string, stamps: FileStamps): string {
  stamps.set(path, stampOf(path))
  // O_NONBLOCK: files are looked at when a client connects, and a FIFO without a writer must not hold up the daemon.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) throw new Error(`${path} is no regular file`)
    if (stat.size > MOST_BYTES) throw new Error(`${path} has more than ${MOST_BYTES} bytes`)
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
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
