import { closeSync, fchmodSync, fdatasync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { readBounded } from '../../io/bounded-file.ts'
import { checkedBody, checkedText } from '../../model/checked-text.ts'
import { assertShape } from '../../model/shape.ts'
import { decode, encode } from '../bigint-json.ts'
import { inodeOf } from '../file/inode.ts'
import type { KeptTotals } from '../ledger-totals.ts'
import { STEPS } from '../schema/steps.ts'
import { KEPT_TOTALS } from '../shape/totals-shape.ts'

const sync = promisify(fdatasync)

/** A thousand consumers take 1 MB. */
const MOST_BYTES = 1 << 26
/** What file systems write at once: a place that shares none with the other survives the other's torn write. */
const BLOCK_BYTES = 4096

/**
 * The totals beside the ledger, in `<ledger>.totals`, with a checksum: SQLite has none over its pages, so a bit that
 * flips in a total is another total. A line with the SHA-256 of what follows, then JSON with the ledger's format: deflated,
 * since names of consumers repeat, and in base64. While an agent writes, the file has two places for that, of which the
 * one with the older totals is overwritten: a new file each minute costs six blocks of the file system's own.
 */
export class TotalsCopy {
  readonly path: string
  #places: Places | null = null

  constructor(ledgerPath: string) {
    this.path = `${ledgerPath}.totals`
  }

  /**
   * Null when there is none, or one of another format: only the ledger itself is brought up to date.
   * @throws Error when neither place has what was written; what open(2) and read(2) give.
   */
  load(): KeptTotals | null {
    let bytes: Buffer
    try {
      bytes = readBounded(this.path, MOST_BYTES).bytes
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null
      throw cause
    }
    const { format, turn: _, ...kept } = newestIn(bytes)
    return format === STEPS.length ? kept : null
  }

  /** Whole or not at all, whatever happens meanwhile. Rejects with what open(2), write(2), fdatasync(2) and rename(2) give. */
  async save(kept: KeptTotals): Promise<void> {
    this.close()
    await this.#replace(textOf(kept, 0))
  }

  /** The same, time and again, in one file, until `close`. */
  async update(kept: KeptTotals): Promise<void> {
    const turn = (this.#places?.turn ?? 0) + 1
    const text = textOf(kept, turn)
    const places = this.#places
    if (places === null || text.length > places.bytes || inodeOf(this.path) !== places.inode) {
      this.close()
      await this.#makePlaces(text, turn)
      return
    }
    writeSync(places.file, text, (turn % 2) * places.bytes)
    await sync(places.file)
    places.turn = turn
  }

  /** The file stays as it is. */
  close(): void {
    if (this.#places !== null) closeSync(this.#places.file)
    this.#places = null
  }

  async #makePlaces(text: string, turn: number): Promise<void> {
    const bytes = Math.ceil((text.length * 1.5) / BLOCK_BYTES) * BLOCK_BYTES
    const both = Buffer.alloc(2 * bytes, ' ')
    both.write(text, (turn % 2) * bytes, 'latin1')
    await this.#replace(both)
    const file = openSync(this.path, 'r+')
    this.#places = { file, inode: inodeOf(this.path), bytes, turn }
  }

  async #replace(content: string | Buffer): Promise<void> {
    const draft = `${this.path}.new`
    // Whatever is there: what a killed process left, or a FIFO, which would wait for a reader.
    rmSync(draft, { force: true })
    const file = openSync(draft, 'wx', 0o640)
    try {
      fchmodSync(file, 0o640)
      writeFileSync(file, content)
      // All but this is done in memory, where a thread costs more than the call.
      await sync(file)
    } finally {
      closeSync(file)
    }
    renameSync(draft, this.path)
  }
}

interface Places {
  readonly file: number
  readonly inode: bigint | undefined
  /** Of each of the two. */
  readonly bytes: number
  turn: number
}

interface Content extends KeptTotals {
  readonly format: number
  /** Of two places the one with the higher is the newer; versions that had one place wrote none. */
  readonly turn?: number
}

function textOf(kept: KeptTotals, turn: number): string {
  const content: Content = { format: STEPS.length, turn, ...kept }
  return checkedText(deflateRawSync(encode(content), { level: 1 }).toString('base64'))
}

/** @throws Error when no place has what was written. */
function newestIn(bytes: Buffer): Content {
  const half = bytes.length / 2
  const starts = half % BLOCK_BYTES === 0 ? [0, half] : [0]
  const whole: Content[] = []
  let failure: unknown
  for (const start of starts) {
    try {
      whole.push(contentOf(checkedBody(bytes.toString('utf8', start))))
    } catch (cause) {
      failure = cause
    }
  }
  const [first, second] = whole
  if (first === undefined) throw failure
  return second !== undefined && (second.turn ?? 0) > (first.turn ?? 0) ? second : first
}

/** @throws Error when it is of the ledger's format, and not what this version writes. */
function contentOf(body: string): Content {
  const content = decode<Content>(unpacked(body))
  if (content.format === STEPS.length) assertShape(KEPT_TOTALS, content)
  return content
}

/** Earlier versions wrote the JSON as it is. */
function unpacked(body: string): string {
  if (body.startsWith('{')) return body
  return inflateRawSync(Buffer.from(body, 'base64'), { maxOutputLength: MOST_BYTES }).toString()
}
