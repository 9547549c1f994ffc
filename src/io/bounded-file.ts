import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'

/** Read at once, so that a small file takes little memory whatever its bound is. */
const PIECE_BYTES = 1 << 16

/** A FIFO without a writer must not hold up the process, and a terminal must not become its own. */
export const NEVER_WAITING = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY

/** A file that is there and is not read. The message is for people and names the path. */
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
 * The content of a regular file that others write, whatever stands in its place: a FIFO, a device without end such as
 * /dev/zero, a folder. Throws an UnfitFile, or what open(2) and read(2) give.
 */
export function readBounded(path: string, maxBytes: number, flags = NEVER_WAITING): BoundedFile {
  const descriptor = openSync(path, flags)
  try {
    const stats = fstatSync(descriptor)
    requireRegular(path, stats, maxBytes)
    const pieces: Buffer[] = []
    let size = 0
    // Bounded by what is read: the size of a growing file, or of one of sysfs or procfs, says nothing.
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

function requireRegular(path: string, stats: Stats, maxBytes: number): void {
  if (stats.isDirectory()) throw new UnfitFile(path, 'folder', maxBytes)
  if (!stats.isFile()) throw new UnfitFile(path, 'irregular', maxBytes)
  if (stats.size > maxBytes) throw new UnfitFile(path, 'large', maxBytes)
}
