import { closeSync, fchmodSync, openSync, rmSync } from 'node:fs'
import type Database from 'better-sqlite3'
import { identityOf } from './identity.ts'
import { STEPS } from './schema.ts'
import { VIEWS } from './views.ts'

/** Mode of the ledger; SQLite gives -wal and -shm the mode of their database. */
const MODE = 0o640

/**
 * Brings the tables to the format of this version in one transaction and makes the views anew. A ledger with data is
 * copied to `<path>.format-<n>` first. Returns the copy's path, or null when there was nothing to keep or to do.
 */
export function migrate(db: Database.Database, path: string, steps: readonly string[] = STEPS): string | null {
  const { format } = identityOf(db)
  if (format >= steps.length) return null
  const copy = format > 0 ? `${path}.format-${format}` : null
  if (copy !== null) {
    rmSync(copy, { force: true })
    createEmpty(copy)
    db.prepare('VACUUM INTO ?').run(copy)
  }
  db.transaction(() => {
    for (const step of steps.slice(format)) db.exec(step)
    for (const [name, select] of Object.entries(VIEWS)) {
      db.exec(`DROP VIEW IF EXISTS ${name}; CREATE VIEW ${name} AS ${select}`)
    }
    db.pragma(`user_version = ${steps.length}`)
  }).immediate()
  return copy
}

/** Whatever the umask is. @throws EEXIST, and what open(2) gives. */
export function createEmpty(path: string): void {
  const fd = openSync(path, 'wx', MODE)
  fchmodSync(fd, MODE)
  closeSync(fd)
}
