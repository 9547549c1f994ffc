import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { ConfigError } from './problem.ts'

/** 64 KiB, ten times the documented defaults. A larger file is a wrong file. */
const MAX_BYTES = 1 << 16

const REASONS: Readonly<Record<string, string>> = {
  ENOTDIR: 'nothing: its path leads through something that is no folder',
  EACCES: 'nothing: permission denied',
  EPERM: 'nothing: permission denied',
  ELOOP: 'nothing: its symbolic links go round in circles',
}

/** The text of a configuration file; null when there is none. Throws a ConfigError of one problem. */
export function readConfigFile(file: string): string | null {
  try {
    return decode(readBytes(file))
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw unusable(file, REASONS[code] ?? message, cause)
  }
}

export function missingFile(file: string): ConfigError {
  return unusable(file, 'nothing: there is no such file')
}

function readBytes(file: string): Uint8Array {
  // O_NONBLOCK: a FIFO without a writer must not hold up the start.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(descriptor)
    if (stat.isDirectory()) throw new Error('a folder')
    if (!stat.isFile()) throw new Error('something that is no regular file')
    const bytes = new Uint8Array(MAX_BYTES + 1)
    let length = 0
    // Bounded by what is read: the size of a growing file, or of one under /proc, says nothing.
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(descriptor, bytes, length, bytes.length - length, null)
    }
    if (length > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`)
    return bytes.subarray(0, length)
  } finally {
    closeSync(descriptor)
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Error('bytes that are not UTF-8')
  }
}

function unusable(file: string, received: string, cause?: unknown): ConfigError {
  return new ConfigError(file, [{ path: '', at: null, expected: 'a configuration file', received }], { cause })
}
