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

/** What all interfaces but the loopback of this process's network namespace have carried (proc_pid_net(5)). Null where it cannot be told. */
export function networkBytes(file = '/proc/self/net/dev'): Bytes | null {
  let text: string
  try {
    text = readBounded(file, MOST_BYTES).bytes.toString('latin1')
  } catch {
    return null
  }
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

export function elsewhereJ({ received, sent }: Bytes, kwhPerGb: number): number {
  return ((received + sent) / 1e9) * kwhPerGb * 3.6e6
}
