import { readFileSync, statSync } from 'node:fs'

/** Bytes of -shm that are locked during a transaction (https://sqlite.org/walformat.html, 2.3). */
const LOCKS = {
  /** Shared, by each that reads. */
  reader: { kind: 'READ', first: 123, last: 127, name: 'cmdline' },
  /** By the one that writes, or has said that it will. Whoever asks for the agent's health is told, but not what it was called with. */
  writer: { kind: 'WRITE', first: 120, last: 120, name: 'comm' },
} as const
const COMMAND_CHARACTERS = 120

/** Other processes in a transaction on the ledger, for a person: `process 812 (sqlite3 ledger.db)`. From /proc/locks. */
export function describeHolders(as: keyof typeof LOCKS, ledgerPath: string, procfs = '/proc'): string {
  const pids = holdersOf(as, `${ledgerPath}-shm`, procfs)
  if (pids.length === 0) return `a process that fuser -v ${ledgerPath} may name`
  return pids.map((pid) => `process ${pid}${commandOf(pid, LOCKS[as].name, procfs)}`).join(' and ')
}

function holdersOf(as: keyof typeof LOCKS, shmPath: string, procfs: string): number[] {
  const { kind, first, last } = LOCKS[as]
  const inode = statSync(shmPath, { bigint: true, throwIfNoEntry: false })?.ino
  const line = /^\d+: POSIX +ADVISORY +(READ|WRITE) +(\d+) [0-9a-f]+:[0-9a-f]+:(\d+) (\d+) (\d+)$/gm
  const pids = [...locksIn(procfs).matchAll(line)]
    .filter(([, of]) => of === kind)
    .filter(([, , , of, from, to]) => `${inode}` === of && Number(from) <= last && Number(to) >= first)
    .map(([, , pid]) => Number(pid))
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
function commandOf(pid: number, name: 'cmdline' | 'comm', procfs: string): string {
  try {
    const command = readFileSync(`${procfs}/${pid}/${name}`, 'utf8')
      .replace(/\p{Cc}+/gu, ' ')
      .trim()
    return command === '' ? '' : ` (${command.slice(0, COMMAND_CHARACTERS)})`
  } catch {
    return ''
  }
}
