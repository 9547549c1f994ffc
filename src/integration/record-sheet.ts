import { checksumOf } from '../model/checked-text.ts'
import { assertShape, list, object, text, unixMs } from '../model/shape.ts'
import type { ShownRecord } from './shown-record.ts'
import type { Totals } from './shown-totals.ts'

const FORMAT = 2
/** Of a line with a SHA-256. */
const CHECKSUM_BYTES = 65
const NUMBER_BYTES = 8
const NEWLINE = 0x0a
const FORMER = Buffer.from('{"format":1,')

interface Head extends Pick<ShownRecord, 'bornUnixMs' | 'bootId'> {
  readonly holder: string
  readonly names: readonly string[]
}

const HEAD = object<Head>({ holder: text, names: list(text), bornUnixMs: unixMs, bootId: text })

/** A record, and the mark of the process that wrote it. */
export interface HeldRecord {
  readonly holder: string
  readonly record: ShownRecord
}

/**
 * A record as bytes: a line with the SHA-256 of what follows, a line of JSON with the names of the totals, and eight bytes for
 * each of the two times and of the totals, the least first. What is before the numbers is nearly always that of the last
 * record, so that one a second costs little more than they do.
 */
export class RecordSheet {
  #head: Head | null = null
  #bytes = Buffer.alloc(0)
  #numbers: DataView = viewOf(this.#bytes, 0)

  /** They change with the next call. */
  write({ holder, record }: HeldRecord): Buffer {
    if (this.#head === null || !isHeadOf(this.#head, holder, record)) this.#begin(holder, record)
    const numbers = this.#numbers
    let at = 0
    const put = (number: bigint) => {
      numbers.setBigUint64(at, number, true)
      at += NUMBER_BYTES
    }
    put(record.durableNs)
    put(record.pendingNs)
    record.shown.forEach(put)
    this.#bytes.write(checksumOf(this.#bytes.subarray(CHECKSUM_BYTES)), 'latin1')
    return this.#bytes
  }

  #begin(holder: string, { bornUnixMs, bootId, shown }: ShownRecord): void {
    this.#head = { holder, bornUnixMs, bootId, names: [...shown.keys()] }
    const line = Buffer.from(`${'\n'.padStart(CHECKSUM_BYTES)}${JSON.stringify({ format: FORMAT, ...this.#head })}\n`)
    this.#bytes = Buffer.concat([line, Buffer.alloc(NUMBER_BYTES * (2 + shown.size))])
    this.#numbers = viewOf(this.#bytes, line.length)
  }
}

/** @throws Error when it is not what was written. */
export function recordIn(bytes: Buffer): HeldRecord {
  const body = bytes.subarray(CHECKSUM_BYTES)
  const checksum = bytes.toString('latin1', 0, CHECKSUM_BYTES)
  if (checksum !== `${checksumOf(body)}\n`) {
    throw new Error(isFormer(body) ? 'an earlier version wrote it' : 'its checksum does not fit')
  }
  const end = body.indexOf(NEWLINE)
  const head = JSON.parse(body.toString('utf8', 0, end))
  if (head?.format !== FORMAT) throw new Error(`it has format ${head?.format}`)
  assertShape(HEAD, head)
  const { holder, names, bornUnixMs, bootId } = head
  const numbers = viewOf(body, end + 1)
  if (numbers.byteLength !== NUMBER_BYTES * (2 + names.length)) throw new Error('it has not one number for each name')
  const numberOf = (index: number): bigint => numbers.getBigUint64(NUMBER_BYTES * index, true)
  const shown: Totals = new Map(names.map((name, index) => [name, numberOf(2 + index)]))
  return { holder, record: { bornUnixMs, bootId, durableNs: numberOf(0), pendingNs: numberOf(1), shown } }
}

/** What had text for its numbers, and another end. */
function isFormer(body: Buffer): boolean {
  return body.subarray(0, FORMER.length).equals(FORMER)
}

function isHeadOf(head: Head, holder: string, { bornUnixMs, bootId, shown }: ShownRecord): boolean {
  const { names } = head
  if (head.holder !== holder || head.bornUnixMs !== bornUnixMs || head.bootId !== bootId) return false
  if (names.length !== shown.size) return false
  let index = 0
  let isSame = true
  shown.forEach((_, name) => {
    isSame &&= name === names[index]
    index++
  })
  return isSame
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer, from: number): DataView {
  return new DataView(buffer, byteOffset + from, byteLength - from)
}
