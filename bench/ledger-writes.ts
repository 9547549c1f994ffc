import { openSync, readSync, statSync } from 'node:fs'
import { Ledger } from '../src/ledger/ledger.ts'
import { DAY_MS, MINUTE_MS } from '../src/model/time.ts'
import { KEEP, keysOf, piecesBetween, START_UNIX_MS, silent } from './ledger-batches.ts'
import { splitAmong } from './ledger-consumers.ts'

const BLOCK_BYTES = 4096
const KEPT_MS = 10_000

/** Blocks of 4 KiB that a flush changes, on average: what a kernel writes that has written all of before. */
export interface Writes {
  /** The write-ahead log, which is synced. */
  readonly log: number
  /** Its index, which is mapped: the kernel writes it half a minute later. */
  readonly index: number
  /** The copy of the totals. */
  readonly copy: number
  /** The database, when the log is emptied into it. */
  readonly database: number
}

export const bytesPerDay = ({ log, index, copy, database }: Writes, flushMs = MINUTE_MS): number =>
  (log + index + copy + database) * BLOCK_BYTES * (DAY_MS / flushMs)

/** A host that flushes each minute, for some minutes, with clocks of its own. */
export async function writesOf(path: string, channels: number, consumers: number, minutes: number): Promise<Writes> {
  const clock = { nowUnixMs: START_UNIX_MS }
  const nowMs = () => clock.nowUnixMs
  const ledger = new Ledger({ path, keep: KEEP, logger: silent, unixMs: nowMs, uptimeMs: nowMs })
  await ledger.start(new AbortController().signal)
  const keys = keysOf(channels)
  const flush = (minute: number) => {
    for (let from = 0; from < MINUTE_MS; from += KEPT_MS) {
      const startUnixMs = START_UNIX_MS + minute * MINUTE_MS + from + 3_217
      clock.nowUnixMs = startUnixMs + KEPT_MS
      const pieces = piecesBetween(startUnixMs, clock.nowUnixMs, KEPT_MS, keys)
      const batch = splitAmong(consumers, (minute * MINUTE_MS + from) / KEPT_MS, pieces)
      if (from + KEPT_MS < MINUTE_MS) ledger.keep(batch)
      else ledger.write(batch)
    }
  }
  flush(0)
  const log = new Log(path)
  const sums = { log: 0, index: 0, copy: 0, database: 0 }
  for (let minute = 1; minute <= minutes; minute++) {
    flush(minute)
    const written = log.next()
    for (const what of ['log', 'index', 'database'] as const) sums[what] += written[what]
  }
  await ledger.stop()
  sums.copy = minutes * Math.ceil(statSync(`${path}.totals`).size / BLOCK_BYTES)
  const mean = (sum: number) => sum / minutes
  return { log: mean(sums.log), index: mean(sums.index), copy: mean(sums.copy), database: mean(sums.database) }
}

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
/** https://sqlite.org/walformat.html: the index is of blocks of 32 KiB, each with 4,096 numbers of pages and a hash table. */
const INDEX_BYTES = 32_768
const HASH_FROM = 16_384
const INDEX_HEADER_BYTES = 136
const FRAMES_PER_INDEX = 4_096

/** Follows what is appended to a write-ahead log, in the process that writes it. */
class Log {
  readonly #path: string
  readonly #file: number
  #salt = ''
  #frames = 0
  #pages = new Set<number>()

  constructor(path: string) {
    this.#path = `${path}-wal`
    // Left open: close(2) would drop locks of this process if it were the database.
    this.#file = openSync(this.#path, 'r')
    this.next()
  }

  /** Since the last call. */
  next(): Omit<Writes, 'copy'> {
    const header = this.#read(0, HEADER_BYTES)
    const salt = header.toString('hex', 16, 24)
    const pageBytes = header.readUInt32BE(8)
    let database = 0
    if (salt !== this.#salt) {
      database = new Set([...this.#pages].map((page) => Math.floor(((page - 1) * pageBytes) / BLOCK_BYTES))).size
      this.#pages = new Set()
      this.#frames = 0
      this.#salt = salt
    }
    const bytes = FRAME_HEADER_BYTES + pageBytes
    const log = new Set<number>()
    const index = new Set([0])
    const size = statSync(this.#path).size
    for (let at = HEADER_BYTES + this.#frames * bytes; at + bytes <= size; at += bytes) {
      const frame = this.#read(at, FRAME_HEADER_BYTES)
      if (frame.toString('hex', 8, 16) !== salt) break
      const page = frame.readUInt32BE(0)
      this.#pages.add(page)
      for (const end of [at, at + bytes - 1]) log.add(Math.floor(end / BLOCK_BYTES))
      for (const place of placesInIndex(this.#frames, page)) index.add(Math.floor(place / BLOCK_BYTES))
      this.#frames++
    }
    return { log: log.size, index: index.size, database }
  }

  #read(at: number, length: number): Buffer {
    const bytes = Buffer.alloc(length)
    readSync(this.#file, bytes, 0, length, at)
    return bytes
  }
}

/** Of the number of the page, and of its slot in the hash table. */
function placesInIndex(frame: number, page: number): readonly [number, number] {
  const entry = frame + INDEX_HEADER_BYTES / 4
  const start = Math.floor(entry / FRAMES_PER_INDEX) * INDEX_BYTES
  return [start + (entry % FRAMES_PER_INDEX) * 4, start + HASH_FROM + ((page * 383) & 8191) * 2]
}
