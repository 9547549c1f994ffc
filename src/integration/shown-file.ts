import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readOwnBytes } from '../io/bounded-file.ts'
import type { Holders } from '../model/holders.ts'
import type { Logger } from '../model/logger.ts'
import { reasonOf } from '../model/reason.ts'
import { RecordSheet, recordIn } from './record-sheet.ts'
import type { ShownRecord, ShownStore } from './shown-record.ts'

/** Ten thousand consumers take 4 MB. */
const MOST_BYTES = 1 << 23

/**
 * The record of what was shown, as a file in the runtime directory. It has to outlive the process and not the machine, so that
 * it is written without fsync(2) and read under the same boot alone.
 */
export class ShownFile implements ShownStore {
  readonly #path: string
  readonly #holders: () => Holders
  readonly #logger: Logger
  readonly #sheet = new RecordSheet()
  #isFailing = false

  /** @param holders of the ledger whose totals are shown: a record of another than the last is of no use */
  constructor(path: string, holders: () => Holders, logger: Logger) {
    this.#path = path
    this.#holders = holders
    this.#logger = logger
  }

  load(): ShownRecord | null {
    try {
      const bytes = readOwnBytes(this.#path, MOST_BYTES)
      const written = bytes === null ? null : recordIn(bytes)
      // A later one, without a folder in memory, may have shown more.
      return written?.holder === this.#holders().before ? written.record : null
    } catch (cause) {
      const text = `${this.#path} cannot be used, so that after a kill totals stand at their ceilings: ${reasonOf(cause)}`
      this.#logger.warn({ event: 'shown_unread', err: cause }, text)
      return null
    }
  }

  save(record: ShownRecord): boolean {
    try {
      this.#replaceBy(this.#sheet.write({ holder: this.#holders().own, record }))
      this.#isFailing = false
      return true
    } catch (cause) {
      const text = `${this.#path} cannot be written, so that after a kill totals stand at their ceilings: ${reasonOf(cause)}`
      if (!this.#isFailing) this.#logger.warn({ event: 'shown_unwritten', err: cause }, text)
      this.#isFailing = true
      return this.#remove()
    }
  }

  #replaceBy(bytes: Buffer): void {
    const draft = `${this.#path}.new`
    const file = createAnew(draft)
    try {
      writeFileSync(file, bytes)
    } finally {
      closeSync(file)
    }
    renameSync(draft, this.#path)
  }

  /** An older record would say less than is shown. */
  #remove(): boolean {
    try {
      rmSync(this.#path, { force: true })
      return true
    } catch {
      return false
    }
  }
}

/** What stands there is what a kill left, or no file of ours. */
function createAnew(path: string): number {
  try {
    return openSync(path, 'wx', 0o600)
  } catch {
    rmSync(path, { force: true })
    return openSync(path, 'wx', 0o600)
  }
}
