import { readdirSync, readlinkSync, realpathSync } from 'node:fs'
import { readBounded } from '../io/bounded-file.ts'

/** /proc/cpuinfo of 8192 CPUs, the most that a kernel is built for, is 12 MB. */
const MOST_BYTES = 1 << 24

/** Text of a file of the kernel's, trimmed. Throws what `readBounded` does. */
export function readText(path: string): string {
  return readBounded(path, MOST_BYTES).bytes.toString('utf8').trim()
}

/** Text of a file of the kernel's, trimmed; null when it is not there or may not be read. */
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

/** Names in a folder, in order; none when there is no such folder. */
export function namesIn(path: string): string[] {
  try {
    return readdirSync(path).sort()
  } catch {
    return []
  }
}

/** The real place of a path of sysfs, behind all links; null when there is nothing. */
export function targetOf(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}

/** What a link of sysfs says, whether it leads anywhere or not; null when it is no link. */
export function linkOf(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}
