import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import Database from 'better-sqlite3'
import { Ledger, type LedgerOptions } from '../../src/ledger/ledger.ts'
import { APPLICATION_ID, STEPS } from '../../src/ledger/schema/steps.ts'
import { type TotalsRest, unpackRest } from '../../src/ledger/tables/totals-rest.ts'
import { TotalsCopy } from '../../src/ledger/totals-copy/totals-copy.ts'
import type { LedgerBatch, LedgerState } from '../../src/model/batch.ts'
import { type EmissionRow, type Factor, NO_CARBON } from '../../src/model/carbon.ts'
import type { Channel, ChannelKey } from '../../src/model/channel.ts'
import type { LogFields, Logger } from '../../src/model/logger.ts'

/** 2026-11-22T02:00:00Z. */
export const T0 = Date.UTC(2026, 10, 22, 2)
export const PACKAGE: ChannelKey = 'rapl/package/package-0'
export const FOREVER = { rawMs: 48 * 3_600_000, minutesMs: 30 * 86_400_000, consumersMs: 42 * 86_400_000 }

const undoings = new WeakMap<TestContext, (() => unknown)[]>()

/** Runs when the test ends, the latest first (`t.after` runs the earliest first). */
export function afterwards(t: TestContext, undo: () => unknown): void {
  const pending = undoings.get(t) ?? []
  pending.push(undo)
  if (undoings.has(t)) return
  undoings.set(t, pending)
  t.after(async () => {
    for (const step of pending.toReversed()) await step()
  })
}

/** In memory where that can be had: hundreds of commits, each synced, would take their time on a slow disk. */
const SCRATCH_ROOT = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

export function scratchDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(SCRATCH_ROOT, 'ledger-'))
  afterwards(t, () => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A ledger as an agent of an earlier format left it. */
export function formerLedger(t: TestContext, format: number, rows: string): string {
  const path = join(scratchDirectory(t), 'ledger.db')
  const db = new Database(path)
  db.pragma(`application_id = ${APPLICATION_ID}`)
  for (const step of STEPS.slice(0, format)) db.exec(step)
  db.exec(rows)
  db.pragma(`user_version = ${format}`)
  db.close()
  return path
}

export interface Line extends LogFields {
  readonly level: string
  readonly text: string
}

/** A logger that keeps what it is told. */
export function recordingLogger(): Logger & { readonly lines: Line[]; count(event: string): number } {
  const lines: Line[] = []
  const at = (level: string) => (fields: LogFields, text: string) => void lines.push({ ...fields, level, text })
  return {
    lines,
    count: (event) => lines.filter((line) => line.event === event).length,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  }
}

/** A started ledger whose clocks go alike, stopped when the test ends. Without a logger of its own, an error it logs fails the test. */
export async function startLedger(t: TestContext, path: string, options: Partial<LedgerOptions> = {}): Promise<Ledger> {
  const logger = recordingLogger()
  const unixMs = options.unixMs ?? (() => T0)
  const ledger = new Ledger({ path, keep: FOREVER, logger, unixMs, uptimeMs: unixMs, ...options })
  afterwards(t, async () => {
    await ledger.stop()
    const errors = logger.lines.filter((line) => line.level === 'error')
    assert.deepEqual(errors, [])
  })
  await ledger.start(AbortSignal.timeout(60_000))
  return ledger
}

/** The path of a ledger with one batch, which no agent has open. */
export async function writtenLedger(t: TestContext): Promise<string> {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  ledger.write(steadyBatch(0))
  await ledger.stop()
  return path
}

export function packageChannel(overrides: Partial<Channel> = {}): Channel {
  return {
    sensor: 'rapl',
    scope: 'package',
    device: 'package-0',
    quality: 'measured',
    maxPowerUw: 500_000_000n,
    relativeUncertainty: 0.05,
    nodeMeter: null,
    hardware: 'socket-0',
    intervalNs: 1_000_000_000n,
    facts: {},
    kind: 'counter',
    modulus: 2n ** 32n,
    unitUj: { numerator: 1n, denominator: 1n },
    ...overrides,
  } as Channel
}

/** The totals of a ledger that have no column of their own. */
export function restOf(db: Database.Database): TotalsRest {
  return unpackRest(db.prepare<[], Buffer>('SELECT rest FROM account').pluck().get() ?? '').rest
}

/** Waits until the totals of a state are in the copy beside the ledger, to which they get beside the event loop. */
export async function copied({ signal }: TestContext, path: string, state: LedgerState): Promise<void> {
  while (!isDeepStrictEqual(new TotalsCopy(path).load()?.state, state)) await setImmediate(null, { signal })
}

/** The n-th batch of a steady agent: 10 s at 100 W of one package, which is also the machine's meter. */
export function steadyBatch(n: number): LedgerBatch {
  const startUnixMs = T0 + n * 10_000
  const endUnixMs = startUnixMs + 10_000
  const energyUj = 1_000_000_000n
  const totalUj = energyUj * BigInt(n + 1)
  return {
    atUnixMs: endUnixMs,
    channels: n === 0 ? [packageChannel()] : [],
    channelRows: [
      { key: PACKAGE, startUnixMs, endUnixMs, energyUj, coveredMs: 10_000, maxUw: 100_000_000n, bridged: false },
    ],
    nodeRows: [
      {
        startUnixMs,
        endUnixMs,
        meter: 'psys',
        quality: 'measured',
        energyUj,
        uncertaintyUj: 50_000_000n,
        coveredMs: 10_000,
        co2eLocationUg: 132_000n,
        co2eMarketUg: null,
        embodiedUg: null,
        siteWaterUl: null,
        gridWaterUl: null,
        facilityUj: energyUj,
      },
    ],
    partRows: [{ startUnixMs, endUnixMs, part: 'rest', quality: 'measured', energyUj }],
    gaps: [],
    events: [],
    carbon: { emissions: [], restatements: [] },
    consumerRows: [],
    settledUnixMs: endUnixMs,
    state: {
      bornUnixMs: T0,
      bootId: 'b1',
      atUnixMs: endUnixMs,
      atMonotonicNs: BigInt(n + 1) * 10_000_000_000n,
      channels: [
        {
          key: PACKAGE,
          energyUj: totalUj,
          unaccountedNs: 0n,
          wraps: 0,
          resets: 0,
          last: { count: totalUj % 2n ** 32n, atNs: BigInt(n + 1) * 10_000_000_000n, register: '1/1 of 4294967296' },
          unsettled: null,
        },
      ],
      node: {
        energyUj: { measured: totalUj, derived: 0n, estimated: 0n },
        parts: [{ part: 'rest', quality: 'measured', energyUj: totalUj }],
        unaccountedNs: 0n,
        settledNs: BigInt(n + 1) * 10_000_000_000n,
        meter: 'psys',
        leaves: ['processors/socket-0'],
        missing: [],
        leafGaps: [],
      },
      carbon: {
        ...NO_CARBON,
        bookedUg: { ...NO_CARBON.bookedUg, location: { direct: 0n, 'life-cycle': 132_000n * BigInt(n + 1) } },
      },
      selfEnergyUj: totalUj / 1000n,
      attribution: null,
      nodeModels: [{ meter: 'dcmi', changes: BigInt(n), isNewest: true, learned: `{"n":${n}}` }],
      leafModels: [{ name: 'processors/socket-0 estimate', learned: `{"n":${n}}` }],
      ceilings: { 'node/measured': totalUj + 2n * energyUj },
    },
  }
}

/** A yearly average that stands in for a reason. */
export const standIn = (reason: string): Factor => ({
  zone: 'DE',
  basis: 'life-cycle',
  mgPerKwh: 342_060n,
  source: 'static:ember-2024',
  instrument: 'grid',
  status: 'estimated',
  startsUnixMs: 0,
  endsUnixMs: null,
  dataQuality: 4,
  relativeUncertainty: 0.17,
  reason,
})

/** An hour of 1 kWh at a stand-in. */
export function standInHour(id: number, hour: number, reason: string): EmissionRow {
  return {
    id,
    account: 'location',
    startUnixMs: T0 + hour * 3_600_000,
    endUnixMs: T0 + (hour + 1) * 3_600_000,
    factor: standIn(reason),
    energyUj: 3_600_000_000_000n,
    puePpm: 1_000_000n,
    pueRelativeUncertainty: 0,
    co2eUg: 342_060_000n,
  }
}
