import type { Note } from '../note.ts'
import type { LedgerFile } from './ledger-file.ts'
import { describeHolders } from './lock-holders.ts'

export interface LogBoundOptions {
  /** The write-ahead log that a reader may cause. Default 64 MiB. */
  readonly logLimitBytes?: number
  readonly procfs?: string
}

const LIMIT_BYTES = 64 * 2 ** 20

/**
 * A reader that stays in one transaction keeps every page that is written after its start in the log. It is named at a
 * quarter of the limit, which takes a host of 20 channels about an hour; at the limit the ledger goes on without it.
 */
export class LogBound {
  readonly #path: string
  readonly #procfs: string
  readonly #note: Note
  readonly #namedAtBytes: number
  readonly #limitBytes: number
  #isNamed = false
  /** Grows when the limit could not be kept. */
  #reachedAtBytes: number

  constructor(path: string, { logLimitBytes = LIMIT_BYTES, procfs = '/proc' }: LogBoundOptions, note: Note) {
    this.#path = path
    this.#procfs = procfs
    this.#note = note
    this.#namedAtBytes = logLimitBytes / 4
    this.#limitBytes = logLimitBytes
    this.#reachedAtBytes = logLimitBytes
  }

  /** Looks at the log after a write, and names who holds it. Never throws. */
  isReached(file: LedgerFile): boolean {
    const bytes = file.logBytes()
    if (bytes < this.#namedAtBytes) {
      this.#isNamed = false
      this.#reachedAtBytes = this.#limitBytes
      return false
    }
    if (!file.isLogHeld()) return false
    if (!this.#isNamed) this.#nameReaders(bytes)
    this.#isNamed = true
    return bytes >= this.#reachedAtBytes
  }

  /** The ledger could not go on without the reader: tried again when the log is twice as long. */
  postpone(why: string): void {
    this.#reachedAtBytes *= 2
    const detail = `the write-ahead log ${this.#path}-wal grows, and the ledger could not be copied to a new file: ${why}`
    this.#note('ledger_rewrite_failed', detail)
  }

  #nameReaders(bytes: number): void {
    const readers = describeHolders('reader', this.#path, this.#procfs)
    const detail =
      `${readers} keeps a transaction open, so that the write-ahead log cannot be emptied: it has ` +
      `${(bytes / 1e6).toFixed(1)} MB. End that query or that process`
    this.#note('ledger_reader_blocks', detail, 'warn')
  }
}
