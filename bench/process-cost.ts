import { readdirSync, readFileSync } from 'node:fs'
import type { Agent } from '../test/evidence/agent.ts'

/** What a process has used since it began. */
export interface Spent {
  readonly cpuS: number
  /** Times that a thread of its went to sleep, and so had to be woken. */
  readonly sleeps: number
  /** What it caused to be written to the disk: pages, as the kernel counts them. */
  readonly writtenBytes: number
}

/** What a process holds. */
export interface Held {
  readonly residentMb: number
  /** No file is behind it, so it can only be swapped. */
  readonly anonymousMb: number
  /** Pages that others share count in part. */
  readonly proportionalMb: number
}

/** Of all threads, to the microsecond: proc_pid_stat(5) counts in steps of 10 ms, and a minute takes a few of them. */
export function spentBy(pid: number): Spent {
  let [cpuNs, sleeps] = [0, 0]
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${thread}`
    try {
      cpuNs += Number(readFileSync(`${folder}/schedstat`, 'utf8').split(' ')[0])
      sleeps += numberIn(`${folder}/status`, 'voluntary_ctxt_switches')
    } catch {
      // It ended between the two.
    }
  }
  return {
    cpuS: cpuNs / 1e9,
    sleeps,
    writtenBytes: numberIn(`/proc/${pid}/io`, 'write_bytes'),
  }
}

export function heldBy(pid: number): Held {
  const mb = (name: string) => (numberIn(`/proc/${pid}/smaps_rollup`, name) * 1024) / 1e6
  return { residentMb: mb('Rss'), anonymousMb: mb('Anonymous'), proportionalMb: mb('Pss') }
}

/** utime and stime of proc_pid_stat(5), in USER_HZ of 100, of all threads. */
export function cpuSeconds(agent: Agent): number {
  const stat = readFileSync(`/proc/${agent.process.pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

export function residentMb(agent: Agent): number {
  return heldBy(agent.process.pid ?? 0).residentMb
}

/** A file of `Name: value` lines. */
function numberIn(file: string, name: string): number {
  const value = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(file, 'utf8'))?.[1]
  if (value === undefined) throw new Error(`${file} has no ${name}`)
  return Number(value)
}
