import { closeSync, constants, fstatSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs'
import { readOwn } from '../io/bounded-file.ts'
import type { LedgerBatch, LedgerState } from '../model/batch.ts'
import { checksumOf } from '../model/checked-text.ts'
import type { Logger } from '../model/logger.ts'
import { reasonOf } from '../model/reason.ts'
import { assertShape } from '../model/shape.ts'
import { decode, encode } from './bigint-json.ts'
import { describeFailure } from './failure.ts'
import { STEPS } from './schema/steps.ts'
import { batch } from './shape/batch-shape.ts'

/** An hour without a disk, of a machine with some hundred consumers. */
const MOST_BYTES = 1 << 23

/** Each agent begins a file by removing what stands there. */
const REMOVED = 'another agent uses this folder: give each a paths.runtime of its own'

/** The state that the batches continue. */
interface Beginning extends Pick<LedgerState, 'bornUnixMs' | 'bootId' | 'atMonotonicNs'> {
  readonly format: number
}

/**
 * Batches that are not in the ledger yet, in a file in memory that outlives the process and not the machine: a line with the
 * state that they continue, then one for each, every line with its checksum. What comes into the ledger is no longer continued
 * by them, so that none can be written twice, whenever the process ends.
 */
export class KeptBatches {
  readonly #path: string
  readonly #logger: Logger
  #file: number | null = null
  #bytes = 0
  /** Of the lines that `load` found to be whole. */
  #loadedBytes = 0
  #isFailing = false
  /** Why the last that was not kept was not. */
  #said: string | null = null

  constructor(path: string, logger: Logger) {
    this.#path = path
    this.#logger = logger
  }

  /** Those that continue this state, oldest first, up to the first that is not whole. Never throws. */
  load(state: LedgerState): readonly LedgerBatch[] {
    try {
      const { contents, bytes } = contentsOf(readOwn(this.#path, MOST_BYTES) ?? '')
      const [beginning, ...batches] = contents
      if (beginning === undefined || !isOf(state, beginning as Beginning)) return []
      this.#loadedBytes = bytes
      return batches.map((content) => {
        assertShape(batch, content)
        return content
      })
    } catch (cause) {
      this.#warn(
        'kept_batches_unread',
        'cannot be used, so that what a killed agent had counted since its last flush is a gap',
        cause,
      )
      return []
    }
  }

  /** What `load` found waits on, here as well: it stays, and what is added follows it. Never throws. */
  goOn(): void {
    try {
      this.#file = openSync(this.#path, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW)
      // A line that a kill left unfinished would end all that comes after it.
      ftruncateSync(this.#file, this.#loadedBytes)
      this.#bytes = this.#loadedBytes
    } catch (cause) {
      this.#isFailing = true
      this.#warn('batch_unkept', 'cannot be written, so that the ledger is, each time', cause)
    }
  }

  /** Adds one after `state`, which is on disk. False when it is not kept, and none is until `clear`. Never throws. */
  add(batch: LedgerBatch, state: LedgerState): boolean {
    if (this.#isFailing) return false
    try {
      if (this.#file === null) this.#begin(state)
      this.#write(batch)
      return true
    } catch (cause) {
      if (this.#said !== reasonOf(cause)) {
        this.#warn('batch_unkept', 'cannot be written, so that the ledger is, each time', cause)
      }
      this.#said = reasonOf(cause)
      this.#isFailing = true
      return false
    }
  }

  /** They are in the ledger. Never throws. */
  clear(): void {
    this.#isFailing = false
    if (this.#file === null) return
    closeSync(this.#file)
    this.#file = null
    try {
      rmSync(this.#path, { force: true })
    } catch {
      // It continues a state that is no longer the ledger's.
    }
  }

  /** At the end: whether the next start finds all that were added. */
  leave(): boolean {
    if (this.#file === null) return false
    closeSync(this.#file)
    this.#file = null
    return !this.#isFailing
  }

  #begin({ bornUnixMs, bootId, atMonotonicNs }: LedgerState): void {
    rmSync(this.#path, { force: true })
    this.#file = openSync(this.#path, 'ax', 0o600)
    this.#bytes = 0
    const beginning: Beginning = { format: STEPS.length, bornUnixMs: Math.round(bornUnixMs), bootId, atMonotonicNs }
    this.#write(beginning)
  }

  #write(content: object): void {
    const body = encode(content)
    const line = Buffer.from(`${checksumOf(body)} ${body}\n`)
    this.#bytes += line.length
    if (this.#bytes > MOST_BYTES) throw new Error(`it would have more than ${MOST_BYTES} bytes`)
    const file = this.#file ?? -1
    if (fstatSync(file).nlink === 0) throw new Error(REMOVED)
    for (let at = 0; at < line.length; ) at += writeSync(file, line, at)
  }

  #warn(event: string, what: string, cause: unknown): void {
    const text = `${this.#path} ${what}: ${describeFailure(cause)}`
    this.#logger.warn({ event, err: cause }, text)
  }
}

function isOf(state: LedgerState, { format, bornUnixMs, bootId, atMonotonicNs }: Beginning): boolean {
  const isSame = bornUnixMs === state.bornUnixMs && bootId === state.bootId && atMonotonicNs === state.atMonotonicNs
  return isSame && format === STEPS.length
}

/** Of each line, up to the first that a kill left unfinished, and how many bytes these lines have. */
function contentsOf(text: string): { readonly contents: readonly object[]; readonly bytes: number } {
  const contents: object[] = []
  let bytes = 0
  for (const line of text.split('\n')) {
    const body = line.slice(line.indexOf(' ') + 1)
    if (line === '' || !line.startsWith(`${checksumOf(body)} `)) break
    contents.push(decode<object>(body))
    bytes += Buffer.byteLength(line) + 1
  }
  return { contents, bytes }
}
