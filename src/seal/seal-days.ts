import { createHash, type KeyObject } from 'node:crypto'
import { createWriteStream, statSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import type Database from 'better-sqlite3'
import { ROWS_PER_SLICE } from '../io/slices.ts'
import { openReadOnly } from '../ledger/read-only.ts'
import type { SealHead } from '../model/seal.ts'
import { DAY_MS, floorTo } from '../model/time.ts'
import { moveIntoPlace, replaceWhole } from './durable-file.ts'
import { machineKey } from './machine-key.ts'
import { SealError } from './seal-error.ts'
import { type KeptSeal, SealFolder } from './seal-folder.ts'
import { rowsNameOf, type Seal, sha256, textOf } from './seal-text.ts'
import { SealedLedger } from './sealed-ledger.ts'
import { type Late, lateLineOf, SealedRows } from './sealed-rows.ts'
import { CLOSABLE } from './sealed-tables.ts'
import { sshPublicKey, sshSignature } from './ssh-signature.ts'

/** Days without a seal of which each still gets its own; of more, all stand in one. */
const MOST_DAYS = 366

export interface Sealing {
  /** The state folder. */
  readonly state: string
  /** Where the ledger stands. */
  readonly ledger: string
  readonly unixMs: () => number
  readonly version: string
  /** Ends it between two days, or within one, of which nothing is left then. */
  readonly signal: AbortSignal
}

/**
 * Seals every UTC day that is over and closed in the ledger and has no seal. Each seal holds what was booked since the
 * one before. The event loop turns meanwhile.
 * @returns the new seals, the oldest first.
 * @throws SealError, StoreError, and what the disk gives.
 */
export async function sealDays(sealing: Sealing): Promise<readonly SealHead[]> {
  const { state, ledger, unixMs, version, signal } = sealing
  const folder = new SealFolder(state)
  const db = openReadOnly(ledger)
  try {
    const books = new SealedLedger(db, ledger)
    const untilUnixMs = floorTo(DAY_MS, Math.min(books.closedUntilUnixMs() ?? 0, unixMs()))
    const sealedUntil = (last: KeptSeal | null) => (last === null ? books.firstDayUnixMs() : endOf(last))
    if (untilUnixMs <= sealedUntil(folder.newest())) return []
    assertOwner(ledger)
    const unlock = folder.lock()
    try {
      const key = machineKey(state)
      folder.allow(sshPublicKey(key).toString('base64'))
      const heads: SealHead[] = []
      // Another process may have been faster.
      let previous = folder.newest()
      for (const endUnixMs of endsOf(sealedUntil(previous), untilUnixMs)) {
        signal.throwIfAborted()
        previous = await sealDay({ db, books, folder, key, version, signal }, previous, endUnixMs)
        heads.push({ day: previous.seal.day, sha256: previous.sha256 })
      }
      return heads
    } finally {
      unlock()
    }
  } finally {
    db.close()
  }
}

/** What another user makes, root too, the agent could not go on with. */
function assertOwner(ledger: string): void {
  const { uid } = statSync(ledger)
  if (uid === process.geteuid?.()) return
  const text = `the ledger ${ledger} is of the user ${uid}, who alone can seal it: sudo -u "#${uid}" wattledger seal`
  throw new SealError('SEAL_USER', text)
}

function endOf({ seal }: KeptSeal): number {
  return Date.parse(seal.day) + DAY_MS
}

function endsOf(lastEndUnixMs: number, untilUnixMs: number): readonly number[] {
  const days = Math.max(0, (untilUnixMs - lastEndUnixMs) / DAY_MS)
  if (days > MOST_DAYS) return [untilUnixMs]
  return Array.from({ length: days }, (_, day) => lastEndUnixMs + (day + 1) * DAY_MS)
}

interface Tools extends Pick<Sealing, 'version' | 'signal'> {
  readonly db: Database.Database
  readonly books: SealedLedger
  readonly folder: SealFolder
  readonly key: KeyObject
}

/** The seal itself is the last file to appear: without it the others count for nothing, and are written again. */
async function sealDay(tools: Tools, previous: KeptSeal | null, endUnixMs: number): Promise<KeptSeal> {
  const { db, books, folder, key, version, signal } = tools
  const day = new Date(endUnixMs - DAY_MS).toISOString().slice(0, 10)
  const rowsPath = folder.at(rowsNameOf(day))
  // One state of the ledger, while the agent goes on writing.
  db.exec('BEGIN')
  let written: Pick<Seal, 'rows' | 'energyUj' | 'rowsSha256'>
  let span: Pick<Seal, 'ledger' | 'fromUnixMs' | 'untilUnixMs' | 'numbers'>
  try {
    const after = previous !== null && previous.seal.ledger === books.identity() ? previous.seal : null
    span = books.spanAfter(after, endUnixMs)
    const { fromUnixMs, untilUnixMs } = span
    const late = books.lateBetween(span.numbers.late_change).filter(({ startUnixMs }) => startUnixMs < fromUnixMs)
    const energyUj = books.energyUj(fromUnixMs, untilUnixMs)
    written = { ...(await writeRows(`${rowsPath}.draft`, linesOf(db, span, late), signal)), energyUj }
  } finally {
    db.exec('COMMIT')
  }
  const seal: Seal = { day, previous: previous?.sha256 ?? null, ...written, ...span, software: version }
  const text = textOf(seal)
  moveIntoPlace(`${rowsPath}.draft`, rowsPath)
  replaceWhole(folder.at(`${day}.seal.sig`), sshSignature(text, key))
  replaceWhole(folder.at(`${day}.seal`), text)
  return { seal, sha256: sha256(text) }
}

function* linesOf(
  db: Database.Database,
  span: Pick<Seal, 'fromUnixMs' | 'untilUnixMs' | 'numbers'>,
  late: readonly Late[],
): Generator<string> {
  const rows = new SealedRows(db)
  for (const { lines } of rows.groups(span)) yield* lines
  for (const one of late) {
    const table = CLOSABLE.find(({ name }) => name === one.table)
    if (table === undefined) continue
    yield lateLineOf(one)
    yield* rows.group(table, one.startUnixMs).lines
  }
}

/** Compressed, and on the disk once it resolves. */
async function writeRows(
  path: string,
  lines: Iterable<string>,
  signal: AbortSignal,
): Promise<Pick<Seal, 'rows' | 'rowsSha256'>> {
  const hash = createHash('sha256')
  let rows = 0
  async function* slices(): AsyncGenerator<string> {
    let slice: string[] = []
    for (const line of lines) {
      rows++
      slice.push(`${line}\n`)
      if (slice.length < ROWS_PER_SLICE) continue
      yield slice.join('')
      slice = []
      await setImmediate()
    }
    yield slice.join('')
  }
  async function* hashed(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      hash.update(chunk)
      yield chunk
    }
  }
  const file = createWriteStream(path, { mode: 0o640, flush: true })
  await pipeline(Readable.from(slices()), createGzip(), hashed, file, { signal })
  return { rows, rowsSha256: hash.digest('hex') }
}
