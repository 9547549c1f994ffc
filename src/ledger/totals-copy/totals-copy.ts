import { closeSync, fchmodSync, fsync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { readBounded } from '../../io/bounded-file.ts'
import { checkedBody, checkedText } from '../../model/checked-text.ts'
import { decode, encode } from '../bigint-json.ts'
import type { LedgerTotals } from '../ledger-totals.ts'
import { STEPS } from '../schema/steps.ts'

const sync = promisify(fsync)

/** A thousand consumers take 1 MB. */
const MOST_BYTES = 1 << 26

export interface KeptTotals extends LedgerTotals {
  /** See `TrustedClock`. */
  readonly trustedUnixMs: number
}

/**
 * The totals beside the ledger, in `<ledger>.totals`, with a checksum: SQLite has none over its pages, so a bit that
 * flips in a total is another total. A line with the SHA-256 of what follows, then JSON with the ledger's format: deflated,
 * since names of consumers repeat, and in base64.
 */
export class TotalsCopy {
  readonly path: string

  constructor(ledgerPath: string) {
    this.path = `${ledgerPath}.totals`
  }

  /**
   * Null when there is none, or one of another format: only the ledger itself is brought up to date.
   * @throws Error when the file is not what was written; what open(2) and read(2) give.
   */
  load(): KeptTotals | null {
    let text: string
    try {
      text = readBounded(this.path, MOST_BYTES).bytes.toString('utf8')
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null
      throw cause
    }
    const { format, ...kept } = decode<Content>(unpacked(checkedBody(text)))
    return format === STEPS.length ? kept : null
  }

  /** Whole or not at all, whatever happens meanwhile. Rejects with what open(2), write(2), fsync(2) and rename(2) give. */
  async save(kept: KeptTotals): Promise<void> {
    const content: Content = { format: STEPS.length, ...kept }
    const text = checkedText(deflateRawSync(encode(content), { level: 1 }).toString('base64'))
    const draft = `${this.path}.new`
    // Whatever is there: what a killed process left, or a FIFO, which would wait for a reader.
    rmSync(draft, { force: true })
    const file = openSync(draft, 'wx', 0o640)
    try {
      fchmodSync(file, 0o640)
      writeFileSync(file, text)
      // All but this is done in memory, where a thread costs more than the call.
      await sync(file)
    } finally {
      closeSync(file)
    }
    renameSync(draft, this.path)
  }
}

interface Content extends KeptTotals {
  readonly format: number
}

/** Earlier versions wrote the JSON as it is. */
function unpacked(body: string): string {
  if (body.startsWith('{')) return body
  return inflateRawSync(Buffer.from(body, 'base64'), { maxOutputLength: MOST_BYTES }).toString()
}
