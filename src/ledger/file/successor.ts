import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { isCorruption } from '../failure.ts'
import { APPLICATION_ID } from '../schema/steps.ts'
import { hasContent, identityOfFile } from './identity.ts'
import { isIrregular } from './irregular.ts'
import { createEmpty } from './migration.ts'

/**
 * Writes what this connection sees of the ledger, its log included, to a file of its own, whole and synced. Nothing may
 * be committed from here to `installSuccessor`. Some 10 ms per MB.
 * @throws what SQLite, fsync(2) and rename(2) give; the ledger is then as it was.
 */
export function writeSuccessor(db: Database.Database, path: string): void {
  const draft = `${path}.new`
  removeDraft(draft)
  try {
    createEmpty(draft)
    db.prepare('VACUUM INTO ?').run(draft)
    const successor = new Database(draft)
    successor.pragma('journal_mode = WAL')
    successor.close()
    const fd = openSync(draft, 'r')
    fsyncSync(fd)
    closeSync(fd)
    renameSync(draft, successorOf(path))
  } catch (cause) {
    removeDraft(draft)
    throw cause
  }
}

/**
 * Puts a successor, where there is one, in the ledger's place: also one whose installation was cut short. The log of the
 * former goes first, for SQLite would replay it into the new one. Who has the former open keeps it until he closes it.
 * Whatever else stands at its name takes nobody's place; the next successor takes its.
 */
export function installSuccessor(path: string): void {
  if (!isLedger(successorOf(path))) return
  removeLog(path)
  renameSync(successorOf(path), path)
  // Somebody may have opened the former in between.
  removeLog(path)
  syncDirectoryOf(path)
}

/** A name in a folder is on the disk once the folder is. */
export function syncDirectoryOf(path: string): void {
  const directory = openSync(dirname(path), 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}

function isLedger(path: string): boolean {
  if (isIrregular(path) || !hasContent(path)) return false
  try {
    return identityOfFile(path).applicationId === APPLICATION_ID
  } catch (cause) {
    if (isCorruption(cause)) return false
    throw cause
  }
}

function successorOf(path: string): string {
  return `${path}.next`
}

function removeLog(path: string): void {
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true })
}

/** A draft, with what SQLite keeps beside it. */
export function removeDraft(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true })
}
