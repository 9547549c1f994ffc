import { readFileSync, statSync } from 'node:fs'

/** Bytes of -shm that a reader locks, shared, while it is in a transaction (https://sqlite.org/walformat.html, 2.3). */
const FIRST_READ_LOCK = 123
const LAST_READ_LOCK = 127
const COMMAND_CHARACTERS = 120

/** Other processes in a transaction on the ledger, for a person: `process 812 (sqlite3 ledger.db)`. From /proc/locks. */
export function describeReaders(ledgerPath: string, procfs: string): string {
  const pids = readersOf(`${ledgerPath}-shm`, procfs)
  if (pids.length === 0) return `a process that fuser -v ${ledgerPath} may name`
  return pids.map((pid) => `process ${pid}${commandOf(pid, procfs)}`).join(' and ')
}

function readersOf(shmPath: string, procfs: string): number[] {
  const inode = statSync(shmPath, { bigint: true, throwIfNoEntry: false })?.ino
  const line = /^\d+: POSIX +ADVISORY +READ +(\d+) [0-9a-f]+:[0-9a-f]+:(\d+) (\d+) (\d+)$/gm
  const pids = [...locksIn(procfs).matchAll(line)]
    .filter(
      ([, , of, from, to]) => `${inode}` === of && Number(from) <= LAST_READ_LOCK && Number(to) >= FIRST_READ_LOCK,
    )
    .map(([, pid]) => Number(pid))
  return [...new Set(pids)].filter((pid) => pid !== process.pid)
}

function locksIn(procfs: string): string {
  try {
    return readFileSync(`${procfs}/locks`, 'latin1')
  } catch {
    return ''
  }
}

/** Another user's process may hide it. */
function commandOf(pid: number, procfs: string): string {
  try {
    const command = readFileSync(`${procfs}/${pid}/cmdline`, 'utf8').replace(/\0+/g, ' ').trim()
    return command === '' ? '' : ` (${command.slice(0, COMMAND_CHARACTERS)})`
  } catch {
    return ''
  }
}
