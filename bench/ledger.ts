import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ledger } from '../src/ledger/ledger.ts'
import { openReadOnly } from '../src/ledger/read-only.ts'
import { KEEP, piecesBetween, START_UNIX_MS, silent } from './ledger-batches.ts'
import { LASTING, passingIn, splitAmong, useOf } from './ledger-consumers.ts'
import type { BenchRow } from './row.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** Until hours of consumers go as fast as they come, and a while more. */
const CONSUMER_DAYS = 60

/**
 * The ledger after `days` days: its whole life through the real writer and the real retention, at the grain that each
 * time has left when the end comes: a minute per hour before the minutes kept, minutes before the raw rows kept, then
 * 10 s. Returns the bytes of the closed file.
 */
export async function simulateLife(path: string, days: number): Promise<number> {
  const clock = { nowUnixMs: START_UNIX_MS }
  const nowMs = () => clock.nowUnixMs
  const ledger = new Ledger({ path, keep: KEEP, logger: silent, unixMs: nowMs, uptimeMs: nowMs })
  await ledger.start(new AbortController().signal)
  const end = START_UNIX_MS + days * DAY_MS
  for (let hour = START_UNIX_MS; hour < end; hour += HOUR_MS) {
    const isHourOnly = hour < end - KEEP.minutesMs - HOUR_MS
    const stepMs = hour < end - KEEP.rawMs - HOUR_MS ? MINUTE_MS : 10_000
    clock.nowUnixMs = hour + HOUR_MS
    ledger.write(piecesBetween(hour, isHourOnly ? hour + MINUTE_MS : hour + HOUR_MS, stepMs))
  }
  await ledger.stop()
  return statSync(path).size
}

/** The bytes of a ledger of hours alone, with the lasting consumers and some that come and go, after some days. */
async function consumerBytes(path: string, days: number, shortPerDay: number): Promise<number> {
  const clock = { nowUnixMs: START_UNIX_MS }
  const nowMs = () => clock.nowUnixMs
  const ledger = new Ledger({ path, keep: KEEP, logger: silent, unixMs: nowMs, uptimeMs: nowMs })
  await ledger.start(new AbortController().signal)
  for (let hour = 0; hour < days * 24; hour++) {
    const hourUnixMs = START_UNIX_MS + hour * HOUR_MS
    clock.nowUnixMs = hourUnixMs + HOUR_MS
    const energyUj = 2_000_000_000_000n
    const { channelRows: _, ...batch } = piecesBetween(hourUnixMs, hourUnixMs + MINUTE_MS, MINUTE_MS)
    const passing = passingIn(hourUnixMs, Math.round(shortPerDay / 24))
    const consumerRows = [...useOf(hourUnixMs, LASTING, energyUj), ...passing]
    ledger.write({ ...batch, channelRows: [], consumerRows, settledUnixMs: hourUnixMs + HOUR_MS })
  }
  await ledger.stop()
  return statSync(path).size
}

/** Pages of what is kept for ever; all else is replaced as fast as it comes. */
function bytesOf(path: string, tables: readonly string[]): number {
  const db = openReadOnly(path)
  try {
    const pages = db.prepare<[string], number>('SELECT sum(pgsize) FROM dbstat WHERE name = ?').pluck()
    return tables.reduce((sum, table) => sum + (pages.get(table) ?? 0), 0)
  } finally {
    db.close()
  }
}

/** Of a flush. */
const BATCHES = 6

interface FlushFigures {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly writtenBytesPerDay: number
}

/** What is kept of 10 s, and flushed each minute, on a disk where there is one, timed by the clock and by the bytes that the kernel counts. */
async function timeFlushes(path: string, flushes: number, consumers: number): Promise<FlushFigures> {
  const clock = { nowUnixMs: START_UNIX_MS }
  const nowMs = () => clock.nowUnixMs
  const ledger = new Ledger({ path, keep: KEEP, logger: silent, unixMs: nowMs, uptimeMs: nowMs })
  await ledger.start(new AbortController().signal)
  const batches = Array.from({ length: BATCHES * flushes }, (_, n) =>
    splitAmong(
      consumers,
      n,
      piecesBetween(START_UNIX_MS + 3_217 + n * 10_000, START_UNIX_MS + 13_217 + n * 10_000, 10_000),
    ),
  )
  const writtenBefore = writtenBytes()
  const timesMs = batches.flatMap((batch, n) => {
    clock.nowUnixMs = batch.atUnixMs
    if (n % BATCHES < BATCHES - 1) {
      ledger.keep(batch)
      return []
    }
    const begun = performance.now()
    ledger.write(batch)
    return performance.now() - begun
  })
  const writtenBytesPerDay = ((writtenBytes() - writtenBefore) / flushes) * 1440
  await ledger.stop()
  timesMs.sort((a, b) => a - b)
  const quantile = (q: number): number => timesMs[Math.floor(q * (timesMs.length - 1))] ?? 0
  return { p50Ms: quantile(0.5), p99Ms: quantile(0.99), writtenBytesPerDay }
}

/** Bytes that this process has passed to write(2) and its kin: proc_pid_io(5). */
function writtenBytes(): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
}

/** Size, growth and cost of the ledger of a host with 20 channels. Takes about half a minute. */
export async function ledgerRows(): Promise<BenchRow[]> {
  const memory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'bench-'))
  const disk = mkdtempSync(join(tmpdir(), 'bench-'))
  try {
    const year = join(memory, 'year.db')
    const yearBytes = await simulateLife(year, 365)
    const dayBytes = await simulateLife(join(memory, 'day.db'), 1)
    const consumers = join(memory, 'consumers.db')
    const consumersBytes = await consumerBytes(consumers, CONSUMER_DAYS, 5000)
    const daysOnlyBytes = bytesOf(consumers, ['consumer_day']) / (CONSUMER_DAYS - KEEP.consumersMs / DAY_MS)
    const flush = await timeFlushes(join(disk, 'flush.db'), 1000, 0)
    const split = await timeFlushes(join(disk, 'split.db'), 1000, LASTING)
    const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e6 ? 3 : 1)} MB`
    const times = ({ p50Ms, p99Ms }: FlushFigures): string => `${p50Ms.toFixed(2)} / ${p99Ms.toFixed(2)} ms`
    return [
      { name: 'ledger after a year, 20 channels', figure: megabytes(yearBytes), aim: 'below 100 MB' },
      { name: 'ledger growth on the first day', figure: megabytes(dayBytes), aim: '' },
      {
        name: 'ledger growth per day, steady',
        figure: megabytes(bytesOf(year, ['channel_hour', 'node_hour']) / 365),
        aim: '',
      },
      { name: 'ledger bytes written to disk per day', figure: megabytes(flush.writtenBytesPerDay), aim: '' },
      { name: 'ledger flush, 20 channels, p50 / p99', figure: times(flush), aim: '' },
      {
        name: 'ledger with 200 consumers and 5,000 a day that come and go, at its full size; growth a year',
        figure: `${megabytes(consumersBytes)}; ${megabytes(daysOnlyBytes * 365)}`,
        aim: '',
      },
      { name: 'ledger bytes written per day, 200 consumers', figure: megabytes(split.writtenBytesPerDay), aim: '' },
      { name: 'ledger flush, 20 channels, 200 consumers, p50 / p99', figure: times(split), aim: '' },
    ]
  } finally {
    for (const directory of [memory, disk]) rmSync(directory, { recursive: true })
  }
}
