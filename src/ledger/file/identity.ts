import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type Database from 'better-sqlite3'
import { APPLICATION_ID, STEPS } from '../schema/steps.ts'
import { StoreError } from '../store-error.ts'

export interface Identity {
  readonly applicationId: number
  /** The number of schema steps that the file has seen. */
  readonly format: number
}

export interface FileIdentity extends Identity {
  readonly pageBytes: number
  /** SQLite opens a file of another format for writing alone read-only without complaint, and one of another schema not at all. */
  readonly hasKnownFormats: boolean
}

/** Formats for writing and for reading, and that of the schema. */
const MOST_FORMATS = [2, 2, 4]

/** SQLite makes an empty file a database, so an empty one counts as absent. */
export function hasContent(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0
}

/**
 * Reads the database header itself (https://sqlite.org/fileformat2.html, section 1.3), for any connection would leave
 * -wal and -shm beside the file. Not while this process has the ledger open: close(2) would drop its file locks.
 * @throws StoreError STORE_CORRUPT when it is no SQLite database; what open(2) and read(2) give.
 */
export function identityOfFile(path: string): FileIdentity {
  const header = Buffer.alloc(100)
  const fd = openSync(path, 'r')
  try {
    readSync(fd, header)
  } finally {
    closeSync(fd)
  }
  if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0') {
    throw new StoreError('STORE_CORRUPT', `${path} is not a SQLite database`)
  }
  const pageBytes = header.readUInt16BE(16)
  const formats = [header.readUInt8(18), header.readUInt8(19), header.readUInt32BE(44)]
  return {
    hasKnownFormats: formats.every((format, index) => format >= 1 && format <= (MOST_FORMATS[index] ?? 0)),
    format: header.readUInt32BE(60),
    applicationId: header.readUInt32BE(68),
    // 65,536 does not fit.
    pageBytes: pageBytes === 1 ? 65_536 : pageBytes,
  }
}

export function identityOf(db: Database.Database): Identity {
  return {
    format: Number(db.pragma('user_version', { simple: true })),
    applicationId: Number(db.pragma('application_id', { simple: true })),
  }
}

/** Refuses what this version must not touch. @throws StoreError STORE_FOREIGN or STORE_NEWER. */
export function assertOurs({ applicationId, format }: Identity, path: string, known: number = STEPS.length): void {
  if (applicationId !== APPLICATION_ID || format < 1) {
    throw new StoreError(
      'STORE_FOREIGN',
      `${path} is a database of another program, not a ledger. Move it away, or choose another directory with paths.state`,
    )
  }
  if (format > known) {
    throw new StoreError(
      'STORE_NEWER',
      `${path} has ledger format ${format}; this version knows formats up to ${known} and leaves the file as it is. ` +
        `Install a version that knows format ${format}, or choose another directory with paths.state`,
    )
  }
}
