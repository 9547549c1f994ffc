import { statSync } from 'node:fs'

/** Undefined when the name leads nowhere. */
export function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino
}
