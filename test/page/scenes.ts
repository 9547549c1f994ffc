import { join } from 'node:path'
import type { TestContext } from 'node:test'
import Database from 'better-sqlite3'
import { Ledger } from '../../src/ledger/ledger.ts'
import type { ConsumerTotal } from '../../src/model/attribution.ts'
import type { Consumer } from '../../src/model/consumer.ts'
import { NO_FOOTPRINT } from '../../src/model/footprint.ts'
import { SILENT } from '../../src/model/logger.ts'
import { PARTS, type Part } from '../../src/model/part.ts'
import { QUALITIES, type Quality } from '../../src/model/posting.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { DAY_MS, floorTo, HOUR_MS, MINUTE_MS } from '../../src/model/time.ts'
import { A_SNAPSHOT } from '../exporter/a-snapshot.ts'
import { FOREVER, scratchDirectory } from '../ledger/setting.ts'

/** 2026-11-28T12:34:40Z, a Saturday. */
export const NOW = Date.UTC(2026, 10, 28, 12, 34, 40)

export interface Scene {
  /** How long the ledger is. */
  readonly lengthMs: number
  readonly gpus: number
  readonly consumers: number
  /** Null for a machine without a sensor. */
  readonly meter: 'ipmi-dcmi' | 'estimate' | null
  /** Of the machine's clock at the last batch, against that of the readings. */
  readonly aheadMs: number
  readonly gaps: readonly { readonly agoMs: number; readonly lengthMs: number; readonly reason: string }[]
}

export const SERVER: Scene = {
  lengthMs: 365 * DAY_MS,
  gpus: 2,
  consumers: 14,
  meter: 'ipmi-dcmi',
  aheadMs: 0,
  gaps: [
    { agoMs: 9.2 * HOUR_MS, lengthMs: 50 * MINUTE_MS, reason: 'reboot' },
    { agoMs: 17 * HOUR_MS, lengthMs: 4 * MINUTE_MS, reason: 'late' },
    { agoMs: 4.5 * DAY_MS, lengthMs: 7 * HOUR_MS, reason: 'absent' },
    { agoMs: 150 * DAY_MS, lengthMs: 6 * DAY_MS, reason: 'reboot' },
  ],
}

/** What a person would see of a machine: who asks for it makes the ledger and the snapshots of it. */
export const SCENES: Readonly<Record<string, Scene>> = {
  year: SERVER,
  empty: { ...SERVER, lengthMs: 0, gaps: [] },
  minute: { ...SERVER, lengthMs: MINUTE_MS, gaps: [] },
  'gap-of-a-week': {
    ...SERVER,
    lengthMs: 30 * DAY_MS,
    gaps: [{ agoMs: 12 * DAY_MS, lengthMs: 7 * DAY_MS, reason: 'restart' }],
  },
  '64-gpus': { ...SERVER, lengthMs: 2 * DAY_MS - HOUR_MS, gpus: 64, gaps: [] },
  '200-consumers': { ...SERVER, lengthMs: 2 * DAY_MS - HOUR_MS, consumers: 200, gaps: [] },
  'no-meter': { ...SERVER, lengthMs: 2 * DAY_MS - HOUR_MS, gpus: 0, meter: 'estimate', gaps: [] },
  'no-sensors': { ...SERVER, lengthMs: 0, gpus: 0, consumers: 0, meter: null, gaps: [] },
  'clock-ahead': { ...SERVER, lengthMs: 2 * DAY_MS - HOUR_MS, aheadMs: 6 * HOUR_MS, gaps: [] },
}

/** From 0 to 1, always the same at the same time: a day's and a week's rhythm, and a noise of minutes. */
function loadAt(unixMs: number, seed = 0): number {
  const day = (unixMs % DAY_MS) / DAY_MS
  const isWeekend = Math.floor(unixMs / DAY_MS + 4) % 7 >= 5 ? 0.45 : 1
  const rhythm = 0.25 + 0.5 * isWeekend * Math.exp(-(((day - 0.58) / 0.2) ** 2))
  const slow = Math.sin(unixMs / (41 * DAY_MS)) * 0.06 + Math.sin(unixMs / (5.3 * HOUR_MS) + seed) * 0.05
  const x = Math.sin(Math.floor(unixMs / (3 * MINUTE_MS)) * 12.9898 + seed) * 43_758.5453
  return Math.min(1, Math.max(0.02, rhythm + slow + (x - Math.floor(x) - 0.5) * 0.12))
}

interface PartWatts {
  readonly part: Part
  readonly quality: Quality
  readonly watts: number
}

export function wattsAt(scene: Scene, unixMs: number): PartWatts[] {
  const load = loadAt(unixMs)
  const chips: Quality = scene.meter === 'estimate' ? 'estimated' : 'measured'
  const rest: Quality = scene.meter === 'estimate' ? 'estimated' : 'measured'
  const burst = loadAt(unixMs + 7 * HOUR_MS, 3) > 0.55 ? 0.9 : 0.12
  const known: PartWatts[] = [
    { part: 'processors', quality: chips, watts: 88 + 240 * load },
    { part: 'memory', quality: scene.meter === 'estimate' ? 'estimated' : 'derived', watts: 18 + 14 * load },
    { part: 'accelerators', quality: 'measured', watts: scene.gpus * (34 + 260 * burst) },
    { part: 'rest', quality: rest, watts: 62 + 9 * load },
  ]
  const sum = known.reduce((all, { watts }) => all + watts, 0)
  return [...known, { part: 'supply_loss', quality: 'estimated', watts: sum * 0.062 }].filter(
    ({ watts }) => watts > 0,
  ) as PartWatts[]
}

function consumersOf({ consumers }: Scene): readonly { readonly consumer: Consumer; readonly tenant: string }[] {
  const named = ['postgresql', 'nginx', 'prometheus', 'backup', 'gitlab-runner']
  return Array.from({ length: consumers }, (_, n) => {
    const name = named[n]
    if (n === 2)
      return { consumer: { kind: 'unallocated', id: '', name: 'unallocated', labels: {} }, tenant: 'unassigned' }
    if (name !== undefined) {
      const id = `${name}.service`
      return { consumer: { kind: 'service', id, name: id, labels: {} }, tenant: n < 2 ? 'shop' : 'platform' }
    }
    const id = `5f6e2a31-0c1d-4b7a-9a55-${String(n).padStart(12, '0')}`
    const tenant = ['research', 'shop', 'platform', 'a-tenant-with-quite-a-long-name'][n % 4] ?? ''
    return { consumer: { kind: 'pod', id, name: `${tenant}/trainer-${n}-7d9c5b6f4`, labels: {} }, tenant }
  })
}

/** Parts of the whole, larger ones first; they sum to 1. */
function shareOf(n: number, count: number): number {
  const of = (at: number) => 1 / (at + 1.5)
  return of(n) / Array.from({ length: count }, (_, at) => of(at)).reduce((sum, one) => sum + one, 0)
}

const BEGAN = NOW - 400 * DAY_MS

/** What the agent knows at a moment. Totals grow by what is drawn now. */
export function snapshotAt(scene: Scene, unixMs: number): Snapshot {
  const parts = scene.meter === null ? [] : wattsAt(scene, floorTo(MINUTE_MS, NOW))
  const nodeW = parts.reduce((sum, { watts }) => sum + watts, 0)
  const totalUj = (watts: number) => BigInt(Math.round(watts * (unixMs - BEGAN) * 1e3))
  const sumOf = (list: readonly PartWatts[]) => list.reduce((sum, { watts }) => sum + totalUj(watts), 0n)
  const energyUj = Object.fromEntries(
    QUALITIES.map((quality) => [quality, sumOf(parts.filter((one) => one.quality === quality))]),
  ) as Record<Quality, bigint>
  const consumers = consumersOf(scene).map(({ consumer, tenant }, n): ConsumerTotal => {
    const watts = nodeW * 0.93 * shareOf(n, scene.consumers)
    const idle = consumer.kind === 'unallocated' ? 1 : 0.35
    const [idleUj, dynamicUj] = [totalUj(watts * idle), totalUj(watts * (1 - idle))]
    return { consumer, tenant, idleUj, dynamicUj, booked: NO_FOOTPRINT, bornUnixMs: BEGAN, goneUnixMs: null }
  })
  const tenants = Map.groupBy(consumers, ({ tenant }) => tenant)
  const gpuNames = Array.from({ length: scene.gpus }, (_, n) => `0000:${(0x1b + n).toString(16)}:00.0`)
  return {
    ...A_SNAPSHOT,
    atUnixMs: unixMs,
    node: {
      ...A_SNAPSHOT.node,
      name: 'db-17',
      totals: {
        ...A_SNAPSHOT.node.totals,
        energyUj,
        parts: parts.map(({ part, quality, watts }) => ({ part, quality, energyUj: totalUj(watts) })),
      },
      meter: scene.meter,
      powerUw: scene.meter === null ? null : BigInt(Math.round(nodeW * 1e6)),
      uncertaintyRatio: scene.meter === null ? null : scene.meter === 'estimate' ? 0.24 : 0.021,
      partShares: PARTS.flatMap((part) => {
        const watts = parts.filter((one) => one.part === part).reduce((sum, one) => sum + one.watts, 0)
        return watts === 0 ? [] : { part, electricity: watts / nodeW, making: null }
      }),
      leaves: [
        { part: 'processors', hardware: 'socket-0', source: scene.meter === 'estimate' ? 'model' : 'rapl' },
        { part: 'processors', hardware: 'socket-1', source: scene.meter === 'estimate' ? 'model' : 'rapl' },
        ...gpuNames.map((hardware) => ({ part: 'accelerators', hardware, source: 'nvml' }) as const),
      ],
    },
    channels: scene.meter === null || scene.meter === 'estimate' ? [] : channelsOf(scene, gpuNames, nodeW),
    sensors: sensorsOf(scene, unixMs),
    intensities: [
      {
        zone: 'DE',
        basis: 'life-cycle',
        mgPerKwh: BigInt(Math.round(intensityAt(unixMs) * 1e3)),
        source: 'electricitymaps',
        startsUnixMs: floorTo(HOUR_MS, unixMs),
      },
    ],
    selfEnergyUj: totalUj(0.31),
    ledger: { ...A_SNAPSHOT.ledger, sizeBytes: 68_000_000 },
    attribution:
      scene.consumers === 0
        ? null
        : {
            consumers,
            parts: parts.map(({ part, watts }) => ({
              part,
              idleUj: totalUj(watts * (part === 'rest' ? 0.9 : 0.41)),
              dynamicUj: totalUj(watts * (part === 'rest' ? 0.1 : 0.59)),
              waitingUj: 0n,
            })),
            tenants: [...tenants].map(([tenant, own]) => ({
              tenant,
              idleUj: own.reduce((sum, { idleUj }) => sum + idleUj, 0n),
              dynamicUj: own.reduce((sum, { dynamicUj }) => sum + dynamicUj, 0n),
            })),
          },
  }
}

function channelsOf({ meter }: Scene, gpus: readonly string[], nodeW: number): Snapshot['channels'] {
  const channel = (sensor: string, scope: 'package' | 'dram' | 'gpu' | 'ac_in', device: string, watts: number) => ({
    sensor,
    scope,
    device,
    energyUj: 0n,
    unaccountedNs: 0n,
    powerUw: BigInt(Math.round(watts * 1e6)),
    register: null,
  })
  return [
    channel('rapl', 'package', 'package-0', 118.2),
    channel('rapl', 'package', 'package-1', 96.1),
    channel('rapl', 'dram', 'package-0', 12.4),
    ...gpus.map((place) => channel('nvml', 'gpu', `GPU at ${place}`, 71)),
    ...(meter === 'ipmi-dcmi' ? [channel('ipmi', 'ac_in', 'bmc', nodeW)] : []),
  ]
}

function sensorsOf(scene: Scene, unixMs: number): Snapshot['sensors'] {
  if (scene.meter === null) return []
  const [rapl, nvml, ipmi] = A_SNAPSHOT.sensors
  const names =
    scene.meter === 'estimate' ? ['estimate'] : scene.gpus === 0 ? ['rapl', 'ipmi'] : ['rapl', 'nvml', 'ipmi']
  return [rapl, nvml, ipmi]
    .flatMap((sensor) => sensor ?? [])
    .slice(0, names.length)
    .map((sensor, n) => ({
      ...sensor,
      name: names[n] ?? '',
      up: true,
      failures: n === 2 ? { SENSOR_TIMEOUT: 3 } : {},
      lastReadingUnixMs: unixMs - (n === 2 ? 3_100 : 400),
    }))
}

function intensityAt(unixMs: number): number {
  return 330 + 120 * Math.sin(unixMs / (DAY_MS / 6.283) + 2) + 50 * Math.sin(unixMs / (3.1 * DAY_MS))
}

/** The folder of a scene's ledger. */
export async function ledgerOf(t: TestContext, scene: Scene): Promise<string> {
  const folder = scratchDirectory(t)
  await writeLedger(join(folder, 'ledger.db'), scene)
  return folder
}

/** Its tables are filled by hand: a year of batches would take minutes. */
export async function writeLedger(path: string, scene: Scene): Promise<void> {
  const ledger = new Ledger({ path, keep: FOREVER, logger: SILENT, unixMs: () => NOW })
  await ledger.start(AbortSignal.timeout(60_000))
  await ledger.stop()
  if (scene.lengthMs === 0 || scene.meter === null) return
  const db = new Database(path)
  try {
    db.transaction(() => fill(db, scene))()
  } finally {
    db.close()
  }
}

function fill(db: Database.Database, scene: Scene): void {
  const until = NOW - 4_000
  const began = until - scene.lengthMs
  db.prepare(
    `INSERT INTO account (account_id, boot_id, at_unix_ms, at_monotonic_ns, measured_uj, derived_uj, estimated_uj, unaccounted_ns)
     VALUES (1, 'boot', ?, 0, 0, 0, 0, 0)`,
  ).run(until + scene.aheadMs)
  const raw = db.prepare(
    `INSERT INTO node_raw (row_id, start_unix_ms, meter, quality, duration_ms, energy_uj, uncertainty_uj, facility_uj, covered_ms)
     VALUES (:start << 20, :start, 'x', 'measured', 10000, 0, 0, 0, 0)`,
  )
  // Kept for two days.
  if (scene.lengthMs < 2 * DAY_MS) raw.run({ start: began })
  raw.run({ start: until - 10_000 })
  fillGrain(db, scene, 'minute', MINUTE_MS, Math.max(began, NOW - 30 * DAY_MS), until)
  fillGrain(db, scene, 'hour', HOUR_MS, began, until)
  if (scene.aheadMs > 0) fillGrain(db, scene, 'minute', MINUTE_MS, until + HOUR_MS, until + scene.aheadMs)
  if (scene.aheadMs > 0) fillGrain(db, scene, 'hour', HOUR_MS, floorTo(HOUR_MS, until) + HOUR_MS, until + scene.aheadMs)
  const gap = db.prepare('INSERT INTO gap (channel_id, reason, started_unix_ms, ended_unix_ms) VALUES (NULL, ?, ?, ?)')
  for (const { agoMs, lengthMs, reason } of scene.gaps) {
    if (agoMs < scene.lengthMs) gap.run(reason, NOW - agoMs, NOW - agoMs + lengthMs)
  }
  fillConsumers(db, scene, began, until)
  fillEmissions(db, began, until)
}

function coveredOf({ gaps }: Scene, from: number, to: number): number {
  const lost = gaps.map(({ agoMs, lengthMs }) =>
    Math.max(0, Math.min(to, NOW - agoMs + lengthMs) - Math.max(from, NOW - agoMs)),
  )
  return Math.max(0, to - from - lost.reduce((sum, one) => sum + one, 0))
}

function fillGrain(db: Database.Database, scene: Scene, grain: string, stepMs: number, from: number, until: number) {
  const isFine = grain === 'minute'
  const keyOf = (start: number, nth: number) => (isFine ? [(BigInt(start) << 20n) | BigInt(nth), start] : [start])
  const node = db.prepare(
    `INSERT INTO node_${grain} (${isFine ? 'row_id, ' : ''}start_unix_ms, meter, quality, energy_uj, uncertainty_uj, facility_uj, covered_ms, co2e_location_ug, co2e_market_ug, embodied_ug, grid_water_ul)
     VALUES (${isFine ? '?, ' : ''}?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const part = db.prepare(`INSERT INTO part_${grain} VALUES (${isFine ? '?, ' : ''}?, ?, ?, ?)`)
  for (let start = floorTo(stepMs, from); start < until; start += stepMs) {
    const coveredMs = coveredOf(scene, Math.max(from, start), Math.min(until, start + stepMs))
    if (coveredMs === 0) continue
    const parts = stepMs === HOUR_MS ? hourMean(scene, start) : wattsAt(scene, start)
    const uj = (watts: number) => Math.round(watts * coveredMs * 1e3)
    for (const quality of QUALITIES) {
      const watts = parts.filter((one) => one.quality === quality).reduce((sum, one) => sum + one.watts, 0)
      if (watts === 0) continue
      const kwh = uj(watts) / 3.6e12
      const ug = Math.round(kwh * intensityAt(start) * 1e6 * 1.12)
      const unsure = uj(watts) * (quality === 'measured' ? 0.0105 : 0.12)
      const covers =
        watts === Math.max(...parts.map((one) => one.watts)) ||
        quality === QUALITIES.find((q) => parts.some((one) => one.quality === q))
      node.run(
        ...keyOf(start, QUALITIES.indexOf(quality)),
        scene.meter,
        quality,
        uj(watts),
        Math.round(unsure),
        Math.round(uj(watts) * 1.12),
        covers ? coveredMs : 0,
        ug,
        Math.round(ug * 0.31),
        Math.round(kwh * 38e6),
        Math.round(kwh * 1.9e6),
      )
    }
    for (const [n, one] of parts.entries()) part.run(...keyOf(start, n), one.part, one.quality, uj(one.watts))
  }
}

function hourMean(scene: Scene, start: number): PartWatts[] {
  const samples = [0, 1, 2, 3, 4, 5].map((n) => wattsAt(scene, start + n * 10 * MINUTE_MS))
  return (samples[0] ?? []).map((one, at) => ({
    ...one,
    watts: samples.reduce((sum, sample) => sum + (sample[at]?.watts ?? 0), 0) / samples.length,
  }))
}

function fillConsumers(db: Database.Database, scene: Scene, began: number, until: number): void {
  const name = db.prepare('INSERT INTO consumer VALUES (?, ?, ?, ?, ?, ?, 1)')
  const hour = db.prepare('INSERT INTO consumer_hour VALUES (?, ?, ?, ?, ?)')
  const day = db.prepare('INSERT INTO consumer_day VALUES (?, ?, ?, ?, ?, NULL, NULL, NULL, NULL, NULL)')
  const all = consumersOf(scene)
  for (const [n, { consumer }] of all.entries()) {
    name.run(n + 1, consumer.kind, consumer.id, consumer.name, '{}', floorTo(HOUR_MS, until))
  }
  const kept = Math.max(began, floorTo(DAY_MS, NOW - 42 * DAY_MS))
  const row = (insert: Database.Statement, start: number, lengthMs: number) => {
    const watts = hourMean(scene, start).reduce((sum, one) => sum + one.watts, 0)
    for (const [n, { tenant }] of all.entries()) {
      const uj = watts * 0.93 * shareOf(n, all.length) * lengthMs * 1e3
      insert.run(start, n + 1, tenant, Math.round(uj * 0.35), Math.round(uj * 0.65))
    }
  }
  for (let start = floorTo(DAY_MS, began); start < kept - DAY_MS; start += DAY_MS) row(day, start, DAY_MS)
  for (let start = floorTo(HOUR_MS, kept); start < until; start += HOUR_MS) {
    row(hour, start, Math.min(HOUR_MS, until - start))
  }
}

/** Each hour booked by location and by market, and each tenth restated to what it was. */
function fillEmissions(db: Database.Database, began: number, until: number): void {
  db.exec(
    `INSERT INTO factor VALUES (1, 'DE', 'life-cycle', 'electricitymaps', 'grid', 0, NULL, 330000, 'final', 1, 100000, NULL)`,
  )
  const emission = db.prepare('INSERT INTO emission VALUES (NULL, ?, ?, ?, 1, 1, 1120000, 0, 1)')
  const restatement = db.prepare('INSERT INTO restatement VALUES (NULL, ?, ?, NULL, 1, 1, 1)')
  for (let start = floorTo(HOUR_MS, began); start < until; start += HOUR_MS) {
    for (const account of ['location', 'market']) {
      const { lastInsertRowid } = emission.run(account, start, HOUR_MS)
      if ((start / HOUR_MS) % 10 === 0) restatement.run(start + DAY_MS, lastInsertRowid)
    }
  }
}
