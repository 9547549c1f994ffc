import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, readSync, realpathSync } from 'node:fs'

/** Content of a small file; null when it is not there or may not be read. */
export function textOf(path: string): string | null {
  return bytesOf(path)?.toString('utf8').trim() ?? null
}

export function bytesOf(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch {
    return null
  }
}

/**
 * Content of a file that anybody may have laid there. Throws an error with a code, or one that says what is wrong for what is
 * no regular file or is longer than `maxBytes`.
 */
export function boundedTextOf(path: string, maxBytes: number): string {
  // A FIFO without a writer must hold nobody up, and a link must not have root open a device: some act on it.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  try {
    if (!fstatSync(descriptor).isFile()) throw new Error('it is no regular file')
    const bytes = Buffer.alloc(maxBytes + 1)
    let length = 0
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(descriptor, bytes, length, bytes.length - length, null)
    }
    if (length > maxBytes) throw new Error(`it is longer than ${maxBytes} bytes`)
    return bytes.toString('utf8', 0, length)
  } finally {
    closeSync(descriptor)
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

/** Where a link of sysfs leads; null when it leads nowhere. */
export function targetOf(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}
