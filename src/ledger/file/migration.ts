import { closeSync, fchmodSync, openSync, rmSync } from 'node:fs'
import type Database from 'better-sqlite3'
import { VIEWS } from '../schema/views.ts'
import { identityOf } from './identity.ts'

/** Mode of the ledger; SQLite gives -wal and -shm the mode of their database. */
const MODE = 0o640

/**
 * Brings the tables to the format of this version in one transaction. A ledger with data is copied to
 * `<path>.format-<n>` first. The views are gone after it. Returns the copy's path, or null when there was nothing to keep or to do.
 */
export function migrate(db: Database.Database, path: string, steps: readonly string[]): string | null {
  const { format } = identityOf(db)
  if (format >= steps.length) return null
  const copy = format > 0 ? `${path}.format-${format}` : null
  if (copy !== null) {
    rmSync(copy, { force: true })
    createEmpty(copy)
    db.prepare('VACUUM INTO ?').run(copy)
  }
  const applySteps = db.transaction(() => {
    // SQLite alters no table that a view would then misname.
    for (const name of Object.keys(VIEWS)) db.exec(`DROP VIEW IF EXISTS ${name}`)
    for (const step of steps.slice(format)) db.exec(step)
    db.pragma(`user_version = ${steps.length}`)
  })
  applySteps.immediate()
  return copy
}

/** Makes the views those of this version. They hold nothing, so a better definition needs no schema step. */
export function refreshViews(db: Database.Database): void {
  const wanted = Object.entries(VIEWS).map(([name, select]) => ({ name, sql: `CREATE VIEW ${name} AS ${select}` }))
  const stored = db.prepare<[string], string>("SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = ?").pluck()
  if (wanted.every(({ name, sql }) => stored.get(name) === sql)) return
  const replaceAll = db.transaction(() => {
    for (const { name, sql } of wanted) db.exec(`DROP VIEW IF EXISTS ${name}; ${sql}`)
  })
  replaceAll.immediate()
}

/** Whatever the umask is. @throws EEXIST, and what open(2) gives. */
export function createEmpty(path: string): void {
  const fd = openSync(path, 'wx', MODE)
  fchmodSync(fd, MODE)
  closeSync(fd)
}
