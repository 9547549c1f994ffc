import { type CgroupTree, type NativeCgroupFrame, type NativeCgroupFrames, native } from './addon.ts'
import { ReaderThread } from './reader-thread.ts'

export interface CgroupWatchOptions {
  readonly trees: readonly CgroupTree[]
  /** /proc/stat */
  readonly stat: string
  readonly intervalMs: number
  /** Groups beyond so many are not followed: the innermost ones. */
  readonly mostGroups?: number
}

/** What a group may have or is promised; null is unknown. */
export interface Reservation {
  /** CPU time in each period, in µs. */
  readonly quotaUs: bigint | 'unlimited' | null
  readonly periodUs: bigint | null
  /** As the tree of `cpu` says it: cgroup v2's weight (100 by default), or v1's shares (1024 by default). */
  readonly weight: bigint | null
  readonly cpus: bigint | null
  readonly memoryMaxBytes: bigint | 'unlimited' | null
  readonly memoryLowBytes: bigint | 'unlimited' | null
  readonly memoryMinBytes: bigint | 'unlimited' | null
}

/** A group at one pass. Usage and memory contain those of the groups inside. */
export interface CgroupRow {
  readonly id: number
  readonly usageNs: bigint | null
  readonly memoryBytes: bigint | null
  readonly reservation: Reservation
}

export interface CgroupBirth {
  /** Never used again, also not for a group that is made anew under the same name. */
  readonly id: number
  /** 0 for the root. */
  readonly parent: number
  /** 0 for one that was gone before anybody could look at it. */
  readonly inode: bigint
  /** All its usage is younger than the frame before. */
  readonly fresh: boolean
  readonly name: string
}

export interface CgroupDeath {
  readonly id: number
  /** The last that could be read. */
  readonly usageNs: bigint | null
  /** Time that passed from then to the death; 0 when that is all, since the last process had ended (v2 alone tells). */
  readonly unreadNs: bigint
}

/** The tree at one pass, and what happened since the frame before. */
export interface CgroupFrame {
  readonly beforeNs: bigint
  readonly afterNs: bigint
  /** Folders that were seen and are not followed. What is used in them counts as their parents'. */
  readonly truncated: number
  /** Children before their parents. */
  readonly rows: readonly CgroupRow[]
  /** Parents before their children. */
  readonly births: readonly CgroupBirth[]
  /** Children before their parents. */
  readonly deaths: readonly CgroupDeath[]
}

const MOST_GROUPS = 10_000
/** Two for each of a thousand groups; the files of more are opened at each pass. */
const MOST_DESCRIPTORS = 2_000
const ROW_WIDTH = 10
/** Behind the id, the usage and the memory. */
const RESERVATION_AT = 3
const BIRTH_WIDTH = 4
const DEATH_WIDTH = 3
const UNKNOWN = 2n ** 64n - 1n
const UNLIMITED = 2n ** 64n - 2n

/** Follows the groups of a machine on a thread of its own. */
export class CgroupWatch {
  readonly #thread: ReaderThread
  readonly #frames: NativeCgroupFrames = new native.CgroupFrames()
  #last: Rows = { flat: new BigUint64Array(), rows: [] }

  constructor({ trees, stat, intervalMs, mostGroups = MOST_GROUPS }: CgroupWatchOptions) {
    const limits = { mostGroups, mostDescriptors: MOST_DESCRIPTORS }
    this.#thread = new ReaderThread({
      reader: { type: 'cgroup', trees, stat, ...limits, frames: this.#frames },
      intervalMs,
    })
  }

  /** Rejects with a SensorError when the root is not there or may not be read. */
  async open(timeoutMs: number, signal: AbortSignal): Promise<void> {
    await this.#thread.open(timeoutMs, signal)
  }

  /** What happened since the last call; null when no pass did. */
  take(): CgroupFrame | null {
    this.#thread.drain()
    const frame = this.#frames.take()
    if (frame === null) return null
    this.#last = { flat: frame.rows, rows: rowsOf(frame.rows, this.#last) }
    return decode(frame, this.#last.rows)
  }

  /** Resolves when a pass that began after this call can be taken: for the edges of a measured window. */
  async passNow(timeoutMs: number, signal: AbortSignal): Promise<void> {
    await this.#thread.readNow(timeoutMs, signal)
  }

  /** CLOCK_MONOTONIC at which the pass under way began; 0 when none is. */
  get inFlightSinceNs(): bigint {
    return this.#thread.inFlightSinceNs
  }

  close(): Promise<void> {
    return this.#thread.close()
  }
}

function decode(
  { beforeNs, afterNs, truncated, births, names, deaths }: NativeCgroupFrame,
  rows: readonly CgroupRow[],
): CgroupFrame {
  return {
    beforeNs,
    afterNs,
    truncated,
    rows,
    births: placesOf(births, BIRTH_WIDTH).map((at, index) => ({
      id: Number(births[at]),
      parent: Number(births[at + 1]),
      inode: births[at + 2] ?? 0n,
      fresh: births[at + 3] === 1n,
      name: names[index] ?? '',
    })),
    deaths: placesOf(deaths, DEATH_WIDTH).map((at) => ({
      id: Number(deaths[at]),
      usageNs: known(deaths[at + 1]),
      unreadNs: deaths[at + 2] ?? 0n,
    })),
  }
}

interface Rows {
  readonly flat: BigUint64Array
  readonly rows: readonly CgroupRow[]
}

/** What is as it was at the same place stays the object of the frame before: most groups sleep, and reservations hardly change. */
function rowsOf(flat: BigUint64Array, before: Rows): CgroupRow[] {
  const [words, wordsBefore] = [wordsOf(flat), wordsOf(before.flat)]
  return placesOf(flat, ROW_WIDTH).map((at, index) => {
    const last = isSame(words, wordsBefore, at, at + 1) ? before.rows[index] : undefined
    if (last !== undefined && isSame(words, wordsBefore, at + 1, at + ROW_WIDTH)) return last
    const isReserved = last !== undefined && isSame(words, wordsBefore, at + RESERVATION_AT, at + ROW_WIDTH)
    return {
      id: Number(flat[at]),
      usageNs: known(flat[at + 1]),
      memoryBytes: known(flat[at + 2]),
      reservation: isReserved ? last.reservation : reservationOf(flat, at),
    }
  })
}

function reservationOf(flat: BigUint64Array, at: number): Reservation {
  return {
    quotaUs: limit(flat[at + 3]),
    periodUs: known(flat[at + 4]),
    weight: known(flat[at + 5]),
    cpus: known(flat[at + 6]),
    memoryMaxBytes: limit(flat[at + 7]),
    memoryLowBytes: limit(flat[at + 8]),
    memoryMinBytes: limit(flat[at + 9]),
  }
}

/** Halves, which are numbers: each read of a whole makes a bigint. */
function wordsOf({ buffer, byteOffset, byteLength }: BigUint64Array): Int32Array {
  return new Int32Array(buffer, byteOffset, byteLength / Int32Array.BYTES_PER_ELEMENT)
}

function isSame(words: Int32Array, before: Int32Array, from: number, until: number): boolean {
  for (let word = 2 * from; word < 2 * until; word++) if (words[word] !== before[word]) return false
  return true
}

/** Where each tuple of a flat list begins. */
function placesOf(flat: BigUint64Array, width: number): number[] {
  return Array.from({ length: flat.length / width }, (_, index) => index * width)
}

function known(value = UNKNOWN): bigint | null {
  return value === UNKNOWN ? null : value
}

function limit(value = UNKNOWN): bigint | 'unlimited' | null {
  return value === UNLIMITED ? 'unlimited' : known(value)
}
