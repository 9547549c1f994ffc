import { join } from 'node:path'
import { readBounded } from '../io/bounded-file.ts'

export interface Bytes {
  readonly received: number
  readonly sent: number
}

/** A line for each interface. */
const MOST_BYTES = 1 << 20

/** Energy of the networks between this machine and others: an estimate, and never a part of the machine's own. */
export const ELSEWHERE = {
  kwhPerGb: 0.059,
  source: 'Sustainable Web Design Model, version 4 (2024), network in operation',
}

/**
 * What all interfaces of a process's network namespace but the loopback have carried (proc_pid_net(5)). Null where it cannot
 * be told. `process`: the folder of the process in procfs.
 */
export function networkBytes(process = '/proc/self'): Bytes | null {
  const text = textOf(join(process, 'net/dev'))
  if (text === null) return null
  let [received, sent] = [0, 0]
  for (const [, name, counts = ''] of text.matchAll(/^\s*([^\s:]+):(.*)$/gm)) {
    if (name === 'lo') continue
    const fields = counts.trim().split(/\s+/).map(Number)
    received += fields[0] ?? 0
    sent += fields[8] ?? 0
  }
  return { received, sent }
}

/** An interface that went away in between took its counts with it. */
export function bytesBetween(before: Bytes | null, after: Bytes | null): Bytes | null {
  if (before === null || after === null) return null
  return {
    received: Math.max(0, after.received - before.received),
    sent: Math.max(0, after.sent - before.sent),
  }
}

/** Tells, as often as it is asked, what has been carried since now; null once the process has gone. */
export function networkMeter(procfs: string, pid: number): () => Bytes | null {
  const folder = join(procfs, String(pid))
  const startTime = startTimeOf(folder)
  const before = startTime === null ? null : networkBytes(folder)
  // A number of a process that has gone may be another's.
  return () =>
    before === null || startTimeOf(folder) !== startTime ? null : bytesBetween(before, networkBytes(folder))
}

export function elsewhereJ({ received, sent }: Bytes, kwhPerGb: number): number {
  return ((received + sent) / 1e9) * kwhPerGb * 3.6e6
}

/** Field 22 of proc_pid_stat(5); the name in field 2 may hold anything. */
function startTimeOf(folder: string): string | null {
  const text = textOf(join(folder, 'stat'))
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

function textOf(file: string): string | null {
  try {
    return readBounded(file, MOST_BYTES).bytes.toString('latin1')
  } catch {
    return null
  }
}
