import { constants, readdirSync, realpathSync } from 'node:fs'
import { NEVER_WAITING, readBounded } from '../io/bounded-file.ts'

/** /proc/cpuinfo of 8192 CPUs, the most that a kernel is built for, is 12 MB. */
const MOST_BYTES = 1 << 24

/** Content of a small file; null when it is not there or may not be read. */
export function textOf(path: string): string | null {
  return bytesOf(path)?.toString('utf8').trim() ?? null
}

export function bytesOf(path: string): Buffer | null {
  try {
    return readBounded(path, MOST_BYTES).bytes
  } catch {
    return null
  }
}

/**
 * Content of a file that anybody may have laid there: a link must not have root open a device, since some act on it. Throws
 * what `readBounded` does.
 */
export function boundedTextOf(path: string, maxBytes: number): string {
  return readBounded(path, maxBytes, NEVER_WAITING | constants.O_NOFOLLOW).bytes.toString('utf8')
}

/** Names in a folder, in order; none when there is no such folder. */
export function namesIn(path: string): string[] {
  try {
    return readdirSync(path).sort()
  } catch {
    return []
  }
}

/** Where a link of sysfs leads; null when it leads nowhere. */
export function targetOf(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}
