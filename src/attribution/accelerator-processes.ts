import { join } from 'node:path'
import { readBounded } from '../io/bounded-file.ts'
import { type Consumer, SYSTEM } from '../model/consumer.ts'
import { NS_PER_S } from '../model/units.ts'
import { consumerOf } from './consumer-of.ts'

export interface ProcessRoots {
  readonly procfs: string
  /** Version of the tree of control groups whose CPU time is counted. */
  readonly version: 1 | 2
}

interface Known {
  /** Ticks since boot: with the pid it tells a process from all others of this boot. */
  readonly startTime: string
  readonly isMpsServer: boolean
  consumer: Consumer
  lookedNs: bigint
  seenNs: bigint
  /** Number of the last frame that listed it as running. */
  listed: number
}

const MOST_BYTES = 1 << 16
/**
 * A process may be moved to another group, as containers' are when they start. A pid that one frame after the other lists
 * is the same process: the kernel has gone through all others before it gives one anew.
 */
const LOOK_AGAIN_NS = 10n * NS_PER_S
/** The driver's samples of a process that ended come with the next sweep. */
const FORGET_NS = 60n * NS_PER_S
/** nvidia-cuda-mps-server, as far as the kernel keeps the name. */
const MPS_SERVER = 'nvidia-cuda-mps'

/** Whose the processes are that have an accelerator open, by their control groups. */
export class ProcessConsumers {
  readonly #procfs: string
  readonly #version: 1 | 2
  readonly #known = new Map<number, Known>()
  #frame = 0

  constructor({ procfs, version }: ProcessRoots) {
    this.#procfs = procfs
    this.#version = version
  }

  /**
   * The consumer of a process. `isListed`: the driver lists it as running, so that it is the one that has the pid now. One that
   * is only in the samples may have ended, and its pid be another's by now: what was known counts before what is seen.
   */
  of(pid: number, nowNs: bigint, isListed: boolean): Consumer {
    return this.#look(pid, nowNs, isListed)?.consumer ?? SYSTEM
  }

  /** The consumer that this process is part of. */
  self(): Consumer {
    return this.#consumer('self') ?? SYSTEM
  }

  /** The server of MPS works for its clients. */
  isMpsServer(pid: number, nowNs: bigint): boolean {
    return this.#look(pid, nowNs, true)?.isMpsServer ?? false
  }

  /** At the end of each frame. Forgets those that no driver has named for a while. */
  endFrame(nowNs: bigint): void {
    this.#frame++
    for (const [pid, { seenNs }] of this.#known) if (nowNs - seenNs > FORGET_NS) this.#known.delete(pid)
  }

  #look(pid: number, nowNs: bigint, isListed: boolean): Known | undefined {
    const known = this.#known.get(pid)
    if (known) {
      known.seenNs = nowNs
      const isSame = !isListed || known.listed >= this.#frame - 1
      if (isListed) known.listed = this.#frame
      if (isSame && nowNs - known.lookedNs < LOOK_AGAIN_NS) return known
    }
    const stat = statOf(this.#text(pid, 'stat'))
    if (stat === null || (known && !isListed)) return known
    const { startTime, command } = stat
    if (known?.startTime === startTime) {
      known.consumer = this.#consumer(pid) ?? known.consumer
      known.lookedNs = nowNs
      return known
    }
    const consumer = this.#consumer(pid) ?? SYSTEM
    const isMpsServer = command === MPS_SERVER
    const found = { startTime, isMpsServer, consumer, lookedNs: nowNs, seenNs: nowNs, listed: this.#frame }
    this.#known.set(pid, found)
    return found
  }

  #consumer(pid: number | 'self'): Consumer | null {
    const path = groupOf(this.#text(pid, 'cgroup'), this.#version)
    return path === null ? null : consumerOf(path)
  }

  #text(pid: number | 'self', file: string): string {
    try {
      return readBounded(join(this.#procfs, `${pid}`, file), MOST_BYTES).bytes.toString('utf8')
    } catch {
      return ''
    }
  }
}

/** `7 (a) b) R 1 …`: the name may hold anything, so that the last parenthesis ends it (proc_pid_stat(5)). */
function statOf(text: string): { readonly command: string; readonly startTime: string } | null {
  const end = text.lastIndexOf(')')
  const startTime = text.slice(end + 2).split(' ')[19]
  return end < 0 || !startTime ? null : { command: text.slice(text.indexOf('(') + 1, end), startTime }
}

/** The path of the group in the tree of that version: `0::/a` of v2, `4:cpu,cpuacct:/a` of v1 (proc_pid_cgroup(5)). */
export function groupOf(text: string, version: 1 | 2): string | null {
  const lines = text.split('\n').map((line) => /^(\d+):([^:]*):(.*)$/s.exec(line) ?? [])
  const unified = lines.find(([, id, controllers]) => id === '0' && controllers === '')?.[3]
  const counted = lines.find(([, , controllers = '']) => controllers.split(',').includes('cpuacct'))?.[3]
  const path = version === 1 ? (counted ?? unified) : unified
  if (path === undefined) return null
  return (
    path
      // A group that is gone while its process is not.
      .replace(/ \(deleted\)$/, '')
      // The kernel writes newlines and backslashes as octal numbers.
      .replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
      .split('/')
      // Outside the namespace of this process.
      .filter((name) => name !== '..')
      .join('/')
  )
}
