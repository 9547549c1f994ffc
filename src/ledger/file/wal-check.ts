import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { APPLICATION_ID } from '../schema/steps.ts'

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24

/**
 * `whole`: everything in it, but for a last transaction that a power cut tore, can be replayed. `damaged`: SQLite would
 * drop transactions that were committed, without a word. `foreign`: a log of another database.
 */
export type WalVerdict = 'whole' | 'damaged' | 'foreign'

/**
 * Walks a write-ahead log frame by frame, by its checksums (https://sqlite.org/fileformat2.html#walformat), for SQLite
 * ignores all that follows the first bad one. Only while this process has the ledger closed: see `identityOfFile`.
 */
export function inspectWal(path: string, pageBytes: number): WalVerdict {
  const fd = openSync(path, 'r')
  try {
    return inspect(fd, pageBytes)
  } finally {
    closeSync(fd)
  }
}

function inspect(fd: number, pageBytes: number): WalVerdict {
  const header = Buffer.alloc(HEADER_BYTES)
  const sizeBytes = fstatSync(fd).size
  if (readSync(fd, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return 'whole'
  const magic = header.readUInt32BE(0)
  const littleEndian = magic === 0x377f0682
  const start = checksum(header.subarray(0, 24), [0, 0], littleEndian)
  if ((!littleEndian && magic !== 0x377f0683) || !endsWith(header, start)) return 'damaged'
  if (header.readUInt32BE(8) !== pageBytes) return 'foreign'

  const frame = Buffer.alloc(FRAME_HEADER_BYTES + pageBytes)
  let before = start
  let isBroken = false
  let isCommittedSince = false
  for (let at = HEADER_BYTES; at + frame.length <= sizeBytes; at += frame.length) {
    readSync(fd, frame, 0, frame.length, at)
    const written: Sum = [frame.readUInt32BE(16), frame.readUInt32BE(20)]
    const isOfThisLog = frame.compare(header, 16, 24, 8, 16) === 0
    // From what the frame before claims on, so that each is judged by itself.
    const sum = checksum(
      frame.subarray(FRAME_HEADER_BYTES),
      checksum(frame.subarray(0, 8), before, littleEndian),
      littleEndian,
    )
    const isSound = isOfThisLog && sum[0] === written[0] && sum[1] === written[1]
    // A commit is synced before the next transaction begins, so a power cut spoils nothing but the last one.
    if (isSound && isCommittedSince) return 'damaged'
    if (isSound && !isBroken && frame.readUInt32BE(0) === 1 && !isOurFirstPage(frame)) return 'foreign'
    isBroken ||= !isSound
    isCommittedSince ||= isBroken && isOfThisLog && frame.readUInt32BE(4) > 0
    before = written
  }
  return 'whole'
}

function isOurFirstPage(frame: Buffer): boolean {
  return frame.readUInt32BE(FRAME_HEADER_BYTES + 68) === APPLICATION_ID
}

type Sum = readonly [number, number]

function endsWith(header: Buffer, sum: Sum): boolean {
  return header.readUInt32BE(24) === sum[0] && header.readUInt32BE(28) === sum[1]
}

/** SQLite's: two sums over pairs of 32-bit words, each of which takes in the other. */
function checksum(bytes: Buffer, [first, second]: Sum, littleEndian: boolean): Sum {
  let [a, b] = [first, second]
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < bytes.length; at += 8) {
    a = (a + words.getUint32(at, littleEndian) + b) >>> 0
    b = (b + words.getUint32(at + 4, littleEndian) + a) >>> 0
  }
  return [a, b]
}
