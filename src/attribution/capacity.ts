import { join } from 'node:path'
import { readBounded } from '../io/bounded-file.ts'

/** What a machine has for all of its consumers. */
export interface Capacity {
  /** Hardware threads; at least 1. */
  readonly cpus: number
  /** What the kernel has of the memory; 0 when it does not say. */
  readonly memoryBytes: number
  /** Of that, what is in use and could not be given to others; null when the kernel does not say. */
  readonly usedBytes: number | null
}

const MOST_BYTES = 1 << 24
/** Threads come and go in a virtual machine, and /proc/stat is long on a large one. */
const CPUS_PATIENCE_MS = 60_000

/** Reads the capacity of this machine from `/proc/stat` and `/proc/meminfo`. */
export class CapacityReader {
  readonly #procfs: string
  readonly #nowMs: () => number
  #cpus = 1
  #countedAtMs = Number.NEGATIVE_INFINITY

  /** `nowMs` is of any clock that does not go back. */
  constructor(procfs: string, nowMs: () => number) {
    this.#procfs = procfs
    this.#nowMs = nowMs
  }

  read(): Capacity {
    const nowMs = this.#nowMs()
    if (nowMs - this.#countedAtMs >= CPUS_PATIENCE_MS) {
      this.#countedAtMs = nowMs
      this.#cpus = Math.max(1, this.#text('stat').match(/^cpu\d+ /gm)?.length ?? this.#cpus)
    }
    const meminfo = this.#text('meminfo')
    const memoryBytes = bytesOf('MemTotal', meminfo) ?? 0
    const availableBytes = bytesOf('MemAvailable', meminfo)
    const usedBytes = availableBytes === null ? null : Math.max(0, memoryBytes - availableBytes)
    return { cpus: this.#cpus, memoryBytes, usedBytes }
  }

  #text(name: string): string {
    try {
      return readBounded(join(this.#procfs, name), MOST_BYTES).bytes.toString('latin1')
    } catch {
      return ''
    }
  }
}

function bytesOf(name: string, meminfo: string): number | null {
  const kib = new RegExp(`^${name}: +(\\d{1,12}) kB$`, 'm').exec(meminfo)?.[1]
  return kib === undefined ? null : Number(kib) * 1_024
}
