import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { reasonOf } from '../model/reason.ts'
import { StoreError } from './store-error.ts'

/** SQLite's extended result code (https://sqlite.org/rescode.html), the system's errno name, or an empty string. */
function codeOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? code : ''
}

/** The file itself is damaged: waiting cannot help. */
export function isCorruption(cause: unknown): boolean {
  return /^(SQLITE_CORRUPT|SQLITE_NOTADB|STORE_CORRUPT)/.test(codeOf(cause))
}

/** The disk has no room. */
export function isFull(cause: unknown): boolean {
  return /FULL|ENOSPC|EDQUOT|SHMSIZE/.test(codeOf(cause))
}

/** Another program writes it, or means to. */
export function isBusy(cause: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(codeOf(cause))
}

/** The remedy for a full disk. */
export const roomFor = (path: string): string => `Free space on the file system of ${dirname(path)}`

/**
 * The values are at fault, not the file: the same rows would be refused for ever. better-sqlite3 throws RangeError and
 * TypeError for what SQLite cannot hold.
 */
export function isRejection(cause: unknown): boolean {
  if (cause instanceof Database.SqliteError) return /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)/.test(cause.code)
  return cause instanceof RangeError || cause instanceof TypeError
}

export function describeFailure(cause: unknown): string {
  const code = codeOf(cause)
  // SQLite calls it an I/O error.
  const text = code.endsWith('SHMSIZE') ? 'the disk is full: no room for the index of the log' : reasonOf(cause)
  return code === '' || text.includes(code) ? text : `${text} (${code})`
}

/** What stopped the ledger at `path` from being opened, with the remedy. A StoreError is passed on as it is. */
export function unavailable(path: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause
  return new StoreError(
    'STORE_UNAVAILABLE',
    `cannot open the ledger ${path}: ${describeFailure(cause)}. ${remedyFor(path, cause)}`,
    { cause },
  )
}

function remedyFor(path: string, cause: unknown): string {
  const directory = dirname(path)
  const code = codeOf(cause)
  if (isFull(cause)) return roomFor(path)
  if (isBusy(cause) || code === 'EBUSY') return `Another program holds it: fuser -v ${path}`
  if (/ENOTDIR|EISDIR|EEXIST|ELOOP|ENOENT/.test(code)) {
    return 'No file can be made there: choose another directory with paths.state'
  }
  if (/IOERR|^EIO$/.test(code)) return 'The disk or its file system fails: dmesg tells how'
  const user = `${process.getuid?.() ?? 'USER'}`
  const group = `${process.getgid?.() ?? 'GROUP'}`
  return (
    `It must be writable for user ${user}. Run this as its owner, or make it so as root: install -d -m 0750 -o ${user} -g ${group} ${directory} && ` +
    `touch ${path} && chown ${user}:${group} ${path}, or choose another directory with paths.state`
  )
}
