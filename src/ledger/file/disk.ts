import { accessSync, constants, statfsSync } from 'node:fs'
import { dirname } from 'node:path'

/** Less than this is soon gone, and a write takes some hundred KiB. */
const LEAST_BYTES = 1 << 20

/** Whether the disk below a file looks as if it took no writes, without one: read-only, full, or the file is gone. */
export function looksUnwritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    const { blocks, bavail, bsize } = statfsSync(dirname(path))
    // Some file systems of other machines tell no size at all.
    return blocks > 0 && bavail * bsize < LEAST_BYTES
  } catch {
    return true
  }
}
