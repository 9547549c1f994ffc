import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ledger } from '../src/ledger/ledger.ts'
import { openReadOnly } from '../src/ledger/read-only.ts'
import type { ChannelRow, LedgerBatch, NodeRow, PartRow } from '../src/model/batch.ts'
import { EMISSION_ACCOUNTS, type EmissionRow, NO_CARBON } from '../src/model/carbon.ts'
import type { ChannelKey } from '../src/model/channel.ts'
import type { Logger } from '../src/model/logger.ts'
import { PARTS, type Part } from '../src/model/part.ts'
import { LASTING, passingIn, splitAmong, useOf } from './ledger-consumers.ts'
import type { BenchRow } from './row.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const KEEP = { rawMs: 48 * HOUR_MS, minutesMs: 30 * DAY_MS, consumersMs: 42 * DAY_MS }
const START_UNIX_MS = Date.UTC(2026, 0, 1)
/** Until hours of consumers go as fast as they come, and a while more. */
const CONSUMER_DAYS = 60
const KEYS: readonly ChannelKey[] = Array.from({ length: 20 }, (_, n) => `nvml/gpu/GPU-${n}` as const)

/** In per cent of the node. */
const PART_SHARES = { processors: 20n, memory: 5n, accelerators: 55n, rest: 13n, supply_loss: 7n }

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: (_, message) => throwError(message) }

function throwError(message: string): never {
  throw new Error(message)
}

/**
 * A host of 20 channels whose load wanders between 50 and 700 W each, in pieces of `stepMs`. Flushes do not fall on the
 * minute, so one piece in six of those of 10 s is cut in two, as the contract demands.
 */
function piecesBetween(fromUnixMs: number, toUnixMs: number, stepMs: number): LedgerBatch {
  const channelRows: ChannelRow[] = []
  const nodeRows: NodeRow[] = []
  const partRows: PartRow[] = []
  for (let start = fromUnixMs; start < toUnixMs; ) {
    const nextMinute = start - (start % MINUTE_MS) + MINUTE_MS
    const end = Math.min(start - ((start - 3_217) % stepMs) + stepMs, nextMinute, toUnixMs)
    const coveredMs = end - start
    const span = { startUnixMs: start, endUnixMs: end, coveredMs }
    let nodeUj = 0n
    for (const [n, key] of KEYS.entries()) {
      const watts = 375 + 325 * Math.sin(start / 9e5 + n)
      const energyUj = BigInt(Math.round(watts * 1000 * coveredMs))
      nodeUj += energyUj
      channelRows.push({ ...span, key, energyUj, maxUw: BigInt(Math.round(watts * 1.1e6)), bridged: false })
    }
    nodeRows.push({
      ...span,
      meter: 'components',
      quality: 'derived',
      energyUj: nodeUj,
      uncertaintyUj: nodeUj / 20n,
      co2eLocationUg: nodeUj / 7_600n,
      co2eMarketUg: nodeUj / 9_100n,
      embodiedUg: BigInt(coveredMs) * 7n,
      siteWaterUl: null,
      gridWaterUl: nodeUj / 1_800_000n,
      facilityUj: (nodeUj * 135n) / 100n,
    })
    for (const [part, share] of Object.entries(PART_SHARES)) {
      const energyUj = (nodeUj * share) / 100n
      partRows.push({ ...span, part: part as Part, quality: part === 'rest' ? 'estimated' : 'measured', energyUj })
    }
    start = end
  }
  return {
    atUnixMs: toUnixMs,
    channels: [],
    channelRows,
    nodeRows,
    partRows,
    gaps: [],
    events: [],
    carbon: { emissions: emissionsOf(fromUnixMs, nodeRows), restatements: [] },
    consumerRows: [],
    settledUnixMs: toUnixMs,
    state: stateAt(toUnixMs),
  }
}

/** Every hour at a new figure, in each account; the embodied share has one figure for ever. */
function emissionsOf(fromUnixMs: number, nodeRows: readonly NodeRow[]): EmissionRow[] {
  const startUnixMs = fromUnixMs - (fromUnixMs % HOUR_MS)
  const hour = (startUnixMs - START_UNIX_MS) / HOUR_MS
  const energyUj = nodeRows.reduce((sum, row) => sum + row.energyUj, 0n)
  return EMISSION_ACCOUNTS.map((account, n) => ({
    id: hour * EMISSION_ACCOUNTS.length + n + 1,
    account,
    startUnixMs,
    endUnixMs: startUnixMs + HOUR_MS,
    factor: {
      zone: 'US-CAL-CISO',
      basis: 'life-cycle',
      source: 'electricitymaps',
      instrument: 'grid',
      mgPerKwh: BigInt(200_000 + hour),
      status: 'final',
      startsUnixMs: account === 'embodied' ? 0 : startUnixMs,
      endsUnixMs: account === 'embodied' ? null : startUnixMs + HOUR_MS,
      dataQuality: 1,
      relativeUncertainty: 0.05,
      reason: null,
    },
    energyUj,
    puePpm: 1_350_000n,
    pueRelativeUncertainty: 0.028,
    co2eUg: energyUj / 7_600n,
  }))
}

function stateAt(atUnixMs: number): LedgerBatch['state'] {
  const atNs = BigInt(atUnixMs) * 1_000_000n
  const energyUj = atNs / 3n
  const last = { count: atNs % 2n ** 32n, atNs, register: '1/16384 of 4294967296' }
  const totals = { energyUj, unaccountedNs: 0n, wraps: 40, resets: 0 }
  return {
    bornUnixMs: 0,
    bootId: '6b0ae5c1-3d1b-4e52-9c7e-0f6c3b7a9d10',
    atUnixMs,
    atMonotonicNs: atNs,
    channels: KEYS.map((key) => ({ key, ...totals, last, unsettled: { fromNs: atNs, energyUj: 1_000_000n } })),
    node: {
      energyUj: { measured: 0n, derived: energyUj, estimated: 0n },
      unaccountedNs: 0n,
      parts: PARTS.map((part) => ({ part, quality: 'measured', energyUj: energyUj / 5n })),
      settledNs: atNs,
      meter: 'components',
      leaves: KEYS,
      missing: [],
      leafGaps: [],
    },
    carbon: NO_CARBON,
    selfEnergyUj: energyUj / 1000n,
    attribution: null,
    nodeModels: [],
    ceilings: Object.fromEntries(KEYS.map((key) => [`channel/${key}/energy`, energyUj + 7_000_000_000n])),
  }
}

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
