import { readFileSync } from 'node:fs'
import type { Agent } from '../test/evidence/agent.ts'

/** utime and stime of proc_pid_stat(5), in USER_HZ of 100, of all threads. */
export function cpuSeconds(agent: Agent): number {
  const stat = readFileSync(`/proc/${agent.process.pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

export function residentMb(agent: Agent): number {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${agent.process.pid}/status`, 'utf8'))?.[1]
  return (Number(kib) * 1024) / 1e6
}
