import { Carbon } from '../src/carbon/books/carbon.ts'
import { GridFigures } from '../src/carbon/intensity/grid-figures.ts'
import type { IntensitySource } from '../src/carbon/intensity/source.ts'
import { announce } from '../src/carbon/intensity/source-change.ts'
import { contractsOf } from '../src/carbon/market/contract.ts'
import { MarketMix } from '../src/carbon/market/market-mix.ts'
import { ConstantPue } from '../src/carbon/pue/constant.ts'
import { StaticSource } from '../src/carbon/sources/static.ts'
import { createWater } from '../src/carbon/water/water.ts'
import { SourceRefresher } from '../src/io/refresher.ts'
import { Ledger } from '../src/ledger/ledger.ts'
import type { LedgerBatch, NodeRow } from '../src/model/batch.ts'
import type { CarbonBatch } from '../src/model/carbon.ts'
import type { Logger } from '../src/model/logger.ts'

export const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
export const HOURS = 8_760
export const START_UNIX_MS = Date.UTC(2026, 0, 1)
const CHANNELS = 20
const PUE = 1.35

const fail = (message: string): never => {
  throw new Error(message)
}
export const silent: Logger = { debug() {}, info() {}, warn() {}, error: (_, message) => fail(message) }

/** Of this process, so that other work on the machine does not count. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e3
}

/** An hour of 20 channels between 50 and 700 W each. */
export function energyUj(hour: number): bigint {
  let uj = 0n
  for (let channel = 0; channel < CHANNELS; channel++) {
    uj += BigInt(Math.round((375 + 325 * Math.sin(hour / 4 + channel)) * 3_600)) * 1_000_000n
  }
  return uj
}

export function gPerKwh(unixMs: number): number {
  return 300 + Math.round(150 * Math.sin(unixMs / HOUR_MS / 4))
}

export async function aLedger(path: string, unixMs: () => number): Promise<Ledger> {
  const keep = { rawMs: 2 * DAY_MS, minutesMs: 30 * DAY_MS, consumersMs: 42 * DAY_MS }
  const ledger = new Ledger({ path, keep, logger: silent, unixMs, uptimeMs: unixMs })
  await ledger.start(new AbortController().signal)
  return ledger
}

/** By location, with the country's average behind the source, and by market, with a contract for two fifths. */
export async function aCarbon(source: IntensitySource, store: Ledger, unixMs: () => number): Promise<Carbon> {
  const wind = { name: 'wind', instrument: 'ppa', share: 0.4, kwh: null, g_per_kwh: 0, basis: 'direct' } as const
  const carbon = new Carbon({
    marginal: null,
    grid: new GridFigures([source, new StaticSource('DE')]),
    announce: (change) => announce(change, silent),
    market: new MarketMix(contractsOf([{ ...wind, from: '2026-01-01', to: '2027-01-01' }], 'DE'), null),
    pue: new ConstantPue(PUE),
    water: createWater({ wue: null, grid: 'none' }, 'DE', silent),
    embodied: null,
    store,
    refresher: new SourceRefresher([]),
    unixMs,
  })
  await carbon.start(new AbortController().signal)
  return carbon
}

/** The same sums without books: energy times intensity times PUE, by location and by market. */
export function bareSeconds(): number {
  const begun = cpuMs()
  let ug = 0n
  for (let hour = 0; hour < HOURS; hour++) {
    const product = energyUj(hour) * BigInt(gPerKwh(START_UNIX_MS + hour * HOUR_MS)) * BigInt(PUE * 100)
    ug += product / 360_000_000n + (product * 6n) / 3_600_000_000n
  }
  return ug > 0n ? (cpuMs() - begun) / 1e3 : Number.NaN
}

export function batchOf(
  atUnixMs: number,
  nodeRows: readonly NodeRow[],
  { totals, ...carbon }: CarbonBatch,
): LedgerBatch {
  return {
    atUnixMs,
    channels: [],
    channelRows: [],
    nodeRows,
    partRows: [],
    gaps: [],
    events: [],
    carbon,
    consumerRows: [],
    settledUnixMs: atUnixMs,
    state: {
      bornUnixMs: 0,
      bootId: 'bench',
      atUnixMs,
      atMonotonicNs: BigInt(atUnixMs) * 1_000_000n,
      channels: [],
      node: {
        energyUj: { measured: 0n, derived: 0n, estimated: 0n },
        parts: [],
        unaccountedNs: 0n,
        settledNs: null,
        meter: null,
        leaves: [],
        missing: [],
        leafGaps: [],
      },
      carbon: totals,
      selfEnergyUj: 0n,
      attribution: null,
      nodeModels: [],
      ceilings: {},
    },
  }
}
