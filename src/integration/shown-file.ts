import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { readOwn } from '../io/bounded-file.ts'
import { checkedBody, checkedText } from '../model/checked-text.ts'
import type { Holders } from '../model/holders.ts'
import type { Logger } from '../model/logger.ts'
import { reasonOf } from '../model/reason.ts'
import type { ShownRecord, ShownStore } from './shown-record.ts'
import type { Totals } from './shown-totals.ts'

const FORMAT = 1
/** A thousand busy consumers take 1 MB. */
const MOST_BYTES = 1 << 23

/**
 * The record of what was shown, as a file in the runtime directory: a line with the SHA-256 of what follows, then JSON. It
 * has to outlive the process and not the machine, so that it is written without fsync(2) and read under the same boot alone.
 */
export class ShownFile implements ShownStore {
  readonly #path: string
  readonly #holders: () => Holders
  readonly #logger: Logger
  #isFailing = false

  /** @param holders of the ledger whose totals are shown: a record of another than the last is of no use */
  constructor(path: string, holders: () => Holders, logger: Logger) {
    this.#path = path
    this.#holders = holders
    this.#logger = logger
  }

  load(): ShownRecord | null {
    try {
      const text = readOwn(this.#path, MOST_BYTES)
      return text === null ? null : decode(text, this.#holders().before)
    } catch (cause) {
      const text = `${this.#path} cannot be used, so that after a kill totals stand at their ceilings: ${reasonOf(cause)}`
      this.#logger.warn({ event: 'shown_unread', err: cause }, text)
      return null
    }
  }

  save(record: ShownRecord): boolean {
    const draft = `${this.#path}.new`
    try {
      rmSync(draft, { force: true })
      writeFileSync(draft, encode(record, this.#holders().own), { flag: 'wx', mode: 0o600 })
      renameSync(draft, this.#path)
      this.#isFailing = false
      return true
    } catch (cause) {
      const text = `${this.#path} cannot be written, so that after a kill totals stand at their ceilings: ${reasonOf(cause)}`
      if (!this.#isFailing) this.#logger.warn({ event: 'shown_unwritten', err: cause }, text)
      this.#isFailing = true
      return this.#remove()
    }
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

function encode({ shown, durableNs, pendingNs, ...rest }: ShownRecord, holder: string): string {
  const flat: string[] = []
  shown.forEach((total, name) => {
    flat.push(name, `${total}`)
  })
  const times = { durableNs: `${durableNs}`, pendingNs: `${pendingNs}` }
  return checkedText(JSON.stringify({ format: FORMAT, holder, ...rest, ...times, shown: flat }))
}

/** Null for that of another holder. @throws Error when it is not what was written. */
function decode(text: string, lastHolder: string): ShownRecord | null {
  const { format, holder, bornUnixMs, bootId, durableNs, pendingNs, shown } = JSON.parse(checkedBody(text)) as Written
  if (format !== FORMAT) throw new Error(`it has format ${format}`)
  // A later one, without a folder in memory, may have shown more.
  if (holder !== lastHolder) return null
  const flat = shown.flat()
  const totals: Totals = new Map()
  for (let index = 1; index < flat.length; index += 2) totals.set(flat[index - 1] ?? '', BigInt(flat[index] ?? ''))
  return {
    bornUnixMs,
    bootId,
    durableNs: BigInt(durableNs),
    pendingNs: BigInt(pendingNs),
    shown: totals,
  }
}

interface Written extends Pick<ShownRecord, 'bornUnixMs' | 'bootId'> {
  readonly format: number
  /** Not of an earlier version. */
  readonly holder?: string
  readonly durableNs: string
  readonly pendingNs: string
  /** Names and totals by turns; of an earlier version in pairs. */
  readonly shown: readonly (string | readonly string[])[]
}
