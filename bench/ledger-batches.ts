import type { ChannelRow, LedgerBatch, NodeRow, PartRow } from '../src/model/batch.ts'
import { EMISSION_ACCOUNTS, type EmissionRow, NO_CARBON } from '../src/model/carbon.ts'
import type { ChannelKey } from '../src/model/channel.ts'
import type { Logger } from '../src/model/logger.ts'
import { PARTS, type Part } from '../src/model/part.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/model/time.ts'

export const KEEP = { rawMs: 48 * HOUR_MS, minutesMs: 30 * DAY_MS, consumersMs: 42 * DAY_MS }
export const START_UNIX_MS = Date.UTC(2026, 0, 1)

/** In per cent of the node. */
const PART_SHARES = { processors: 20n, memory: 5n, accelerators: 55n, rest: 13n, supply_loss: 7n }

export const silent: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: (_, message) => throwError(message),
}

function throwError(message: string): never {
  throw new Error(message)
}

export function keysOf(count: number): readonly ChannelKey[] {
  return Array.from({ length: count }, (_, n) => `nvml/gpu/GPU-${n}` as const)
}

const KEYS = keysOf(20)

/**
 * A host of 20 channels whose load wanders between 50 and 700 W each, in pieces of `stepMs`. Flushes do not fall on the
 * minute, so one piece in six of those of 10 s is cut in two, as the contract demands.
 */
export function piecesBetween(fromUnixMs: number, toUnixMs: number, stepMs: number, keys = KEYS): LedgerBatch {
  const channelRows: ChannelRow[] = []
  const nodeRows: NodeRow[] = []
  const partRows: PartRow[] = []
  for (let start = fromUnixMs; start < toUnixMs; ) {
    const nextMinute = start - (start % MINUTE_MS) + MINUTE_MS
    const end = Math.min(start - ((start - 3_217) % stepMs) + stepMs, nextMinute, toUnixMs)
    const coveredMs = end - start
    const span = { startUnixMs: start, endUnixMs: end, coveredMs }
    let nodeUj = 0n
    for (const [n, key] of keys.entries()) {
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
    state: stateAt(toUnixMs, keys),
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

function stateAt(atUnixMs: number, keys: readonly ChannelKey[]): LedgerBatch['state'] {
  const atNs = BigInt(atUnixMs) * 1_000_000n
  const energyUj = atNs / 3n
  const last = { count: atNs % 2n ** 32n, atNs, register: '1/16384 of 4294967296' }
  const totals = { energyUj, unaccountedNs: 0n, wraps: 40, resets: 0 }
  return {
    bornUnixMs: 0,
    bootId: '6b0ae5c1-3d1b-4e52-9c7e-0f6c3b7a9d10',
    atUnixMs,
    atMonotonicNs: atNs,
    channels: keys.map((key) => ({ key, ...totals, last, unsettled: { fromNs: atNs, energyUj: 1_000_000n } })),
    node: {
      energyUj: { measured: 0n, derived: energyUj, estimated: 0n },
      unaccountedNs: 0n,
      parts: PARTS.map((part) => ({ part, quality: 'measured', energyUj: energyUj / 5n })),
      settledNs: atNs,
      meter: 'components',
      leaves: keys,
      missing: [],
      leafGaps: [],
    },
    carbon: NO_CARBON,
    selfEnergyUj: energyUj / 1000n,
    attribution: null,
    nodeModels: [],
    ceilings: Object.fromEntries(keys.map((key) => [`channel/${key}/energy`, energyUj + 7_000_000_000n])),
  }
}
