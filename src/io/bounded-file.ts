import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'

/** A file is read in pieces, so that a small one takes little memory whatever its bound is. */
const PIECE_BYTES = 1 << 16

const WRITABLE_BY_OTHERS = 0o022

/** A FIFO without a writer must not hold up the process, and a terminal must not become its own. */
export const NEVER_WAITING = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY

/** A file that exists and must not be read. The message is for people and names the path. */
export class UnfitFile extends Error {
  readonly reason: 'folder' | 'irregular' | 'large'

  constructor(path: string, reason: UnfitFile['reason'], maxBytes: number) {
    super(reason === 'large' ? `${path} has more than ${maxBytes} bytes` : `${path} is no regular file`)
    this.name = 'UnfitFile'
    this.reason = reason
  }
}

export interface BoundedFile {
  readonly bytes: Buffer
  readonly stats: Stats
}

/**
 * The content of a regular file that others write. A FIFO, a device such as /dev/zero or a folder in its place is
 * refused. Throws an UnfitFile, or the error of open(2) or read(2).
 */
export function readBounded(path: string, maxBytes: number, flags = NEVER_WAITING): BoundedFile {
  const descriptor = openSync(path, flags)
  try {
    const stats = fstatSync(descriptor)
    requireRegular(path, stats, maxBytes)
    const pieces: Buffer[] = []
    let size = 0
    // The bytes read are counted, since the size of a growing file, or of one in sysfs or procfs, means nothing.
    for (let length = -1; length !== 0 && size <= maxBytes; size += length) {
      const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, maxBytes + 1 - size))
      length = readSync(descriptor, piece, 0, piece.length, null)
      pieces.push(piece.subarray(0, length))
    }
    if (size > maxBytes) throw new UnfitFile(path, 'large', maxBytes)
    return { bytes: Buffer.concat(pieces), stats }
  } finally {
    closeSync(descriptor)
  }
}

/** A file that a person named. Throws an Error whose message names the file and says why, and nothing of what is in it. */
export function readNamed(path: string, maxBytes: number): Buffer {
  try {
    return readBounded(path, maxBytes).bytes
  } catch (cause) {
    if (cause instanceof UnfitFile) throw new Error(cause.message, { cause })
    throw new Error(`${path}: it cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause })
  }
}

/**
 * A file that this program wrote for itself in a folder that others may see; null when there is none. What another user may
 * have written, a link and whatever is no regular file are refused. @throws Error
 */
export function readOwn(path: string, maxBytes: number): string | null {
  return readOwnBytes(path, maxBytes)?.toString('utf8') ?? null
}

/** The same of a file that is no text. */
export function readOwnBytes(path: string, maxBytes: number): Buffer | null {
  try {
    const { bytes, stats } = readBounded(path, maxBytes, NEVER_WAITING | constants.O_NOFOLLOW)
    if (stats.uid === process.geteuid?.() && !(stats.mode & WRITABLE_BY_OTHERS)) return bytes
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null
    throw cause
  }
  throw new Error(`another user may have written ${path}`)
}

function requireRegular(path: string, stats: Stats, maxBytes: number): void {
  if (stats.isDirectory()) throw new UnfitFile(path, 'folder', maxBytes)
  if (!stats.isFile()) throw new UnfitFile(path, 'irregular', maxBytes)
  if (stats.size > maxBytes) throw new UnfitFile(path, 'large', maxBytes)
}
