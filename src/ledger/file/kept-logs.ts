import { constants, copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { hasContent } from './identity.ts'
import { isIrregular } from './irregular.ts'
import { inspectWal } from './wal-check.ts'

export type Companion = '-wal' | '-shm'

/** A log that was put where SQLite does not find it, or copied there before SQLite drops what it cannot replay. */
export interface KeptLog {
  readonly from: string
  readonly path: string
  /** For a person: what was wrong with it. */
  readonly reason: string
}

/** A name that is free: `<path>.corrupt-<UTC time>`. */
export function asideName(path: string, nowUnixMs: number): string {
  const stamp = new Date(nowUnixMs).toISOString().replace(/[-:]|\.\d+/g, '')
  let aside = `${path}.corrupt-${stamp}`
  for (let n = 2; existsSync(aside); n++) aside = `${path}.corrupt-${stamp}-${n}`
  return aside
}

/** What is no file where SQLite keeps one. It writes to none of these, and a FIFO holds it up for ever. */
export function keepIrregular(path: string, nowUnixMs: number): KeptLog[] {
  const strange = ['-wal', '-shm', '-journal'].map((suffix) => path + suffix).filter(isIrregular)
  return strange.map((log) => {
    const aside = asideName(log, nowUnixMs)
    renameSync(log, aside)
    return { from: log, path: aside, reason: 'it is no regular file' }
  })
}

/** Where no ledger is: SQLite would replay these into the next one of that name. */
export function keepOrphanLogs(path: string, nowUnixMs: number): KeptLog[] {
  const logs = ['-wal', '-journal'].map((suffix) => path + suffix).filter(hasContent)
  return logs.map((log) => moveAside(path, log, nowUnixMs, 'its ledger is gone'))
}

/** Beside a ledger of this page size, before SQLite opens them. */
export function keepBadLog(path: string, pageBytes: number, nowUnixMs: number): KeptLog[] {
  const log = `${path}-wal`
  // A header that gives no page size is damaged, and then the log goes aside with its ledger.
  const isPageSize = pageBytes >= 512 && (pageBytes & (pageBytes - 1)) === 0
  if (!isPageSize || !hasContent(log)) return []
  const verdict = inspectWal(log, pageBytes)
  if (verdict === 'whole') return []
  if (verdict === 'foreign') return [moveAside(path, log, nowUnixMs, 'it belongs to another database')]
  const aside = asideName(log, nowUnixMs)
  copyFileSync(log, aside, constants.COPYFILE_EXCL)
  return [{ from: log, path: aside, reason: 'it is damaged, and what follows the damage is not replayed' }]
}

/** Clears the names that lead to another log, or another index, than the one in use. */
export function keepStrangeLog(path: string, lost: readonly Companion[], nowUnixMs: number): KeptLog[] {
  const log = `${path}-wal`
  const irregular = keepIrregular(path, nowUnixMs)
  const isStrange = lost.includes('-wal') && hasContent(log)
  const kept = isStrange ? [moveAside(path, log, nowUnixMs, 'it is not the one that was in use')] : []
  if (lost.includes('-shm')) rmSync(`${path}-shm`, { force: true })
  return [...irregular, ...kept]
}

/** Its index is rebuilt from whatever log stands there next. */
function moveAside(path: string, log: string, nowUnixMs: number, reason: string): KeptLog {
  const aside = asideName(log, nowUnixMs)
  renameSync(log, aside)
  rmSync(`${path}-shm`, { force: true })
  return { from: log, path: aside, reason }
}
