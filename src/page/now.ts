import type { ShownIntensity } from '../model/carbon.ts'
import type { Health } from '../model/health.ts'
import { PARTS, type Part } from '../model/part.ts'
import { QUALITIES } from '../model/posting.ts'
import type { LeafSnapshot, NodeSnapshot, SensorSnapshot, Snapshot } from '../model/snapshot.ts'
import type { Today } from './ledger/answer.ts'
import { timeOf } from './ledger/history.ts'
import { round } from './ledger/step.ts'
import type { Pace } from './recent-pace.ts'
import { type NowUse, usersNow } from './users-now.ts'

export interface NowInput {
  readonly snapshot: Snapshot
  readonly pace: Pace | null
  readonly today: Today | null
  readonly health: Health
  readonly version: string
}

/** The machine at this moment, as GET /api/v1/now answers it. Watts are means of the last minute but for `power.now_w`. */
export function nowOf({ snapshot, pace, today, health, version }: NowInput) {
  const { node, ledger, sensors, intensities, puePpm, attribution } = snapshot
  const powerW = node.powerUw === null ? null : Number(node.powerUw) / 1e6
  const users: NowUse = usersNow(attribution, pace, today)
  return {
    node: { name: node.name, labels: node.labels },
    time: timeOf(snapshot.atUnixMs),
    version,
    healthy: health.ok,
    problems: health.reasons,
    power: {
      now_w: powerW === null ? null : round(powerW),
      uncertainty_95_w:
        powerW === null || node.uncertaintyRatio === null ? null : round(powerW * node.uncertaintyRatio),
      uncertainty_95_ratio: node.uncertaintyRatio === null ? null : round(node.uncertaintyRatio, 6),
      shares: pace === null ? null : sharesOf(QUALITIES.map((quality) => [quality, pace.qualities[quality]])),
    },
    parts: PARTS.flatMap((part) => partOf(part, node, pace, powerW) ?? []),
    meter: node.meter === null ? null : { name: node.meter, parts_exceed_meter: node.partsExceedMeter },
    sensors: sensors.map((sensor) => sensorOf(sensor, snapshot.atUnixMs)),
    channels: snapshot.channels.map(({ sensor, scope, device, powerUw }) => ({
      sensor,
      scope,
      device,
      power_w: powerUw === null ? null : round(Number(powerUw) / 1e6),
    })),
    intensities: intensities.map((one) => intensityOf(one, snapshot.atUnixMs)),
    pue: Number(puePpm) / 1e6,
    today: today && { from: today.from, since: today.since, ...today.total },
    ...users,
    ledger: {
      writable: ledger.writable,
      message: ledger.message,
      queued_batches: ledger.queuedBatches,
      dropped_batches: ledger.droppedBatches,
      size_bytes: ledger.sizeBytes,
      unaccounted_s: round(Number(node.totals.unaccountedNs) / 1e9),
    },
    self_w: pace === null ? null : round(pace.selfW),
  }
}

export type Now = ReturnType<typeof nowOf>
export type NowPart = Now['parts'][number]

/** Null for a part that draws nothing and has no hardware. */
function partOf(part: Part, node: NodeSnapshot, pace: Pace | null, powerW: number | null) {
  const leaves = node.leaves.filter((leaf) => leaf.part === part)
  const share = node.partShares.find((one) => one.part === part)?.electricity ?? null
  const byQuality = QUALITIES.map((quality) => [quality, pace?.partW(part, quality) ?? 0] as const)
  const meanW = byQuality.reduce((sum, [, watts]) => sum + watts, 0)
  const partW = powerW === null ? null : share === null ? pace && meanW : share * powerW
  if (leaves.length === 0 && (partW ?? 0) < 0.0005 && meanW === 0) return null
  const idle = pace?.idleShare(part) ?? null
  return {
    part,
    power_w: partW === null ? null : round(partW),
    idle_w: partW === null || idle === null ? null : round(partW * idle),
    dynamic_w: partW === null || idle === null ? null : round(partW * (1 - idle)),
    shares: pace === null ? null : sharesOf(byQuality),
    sources: leaves.map(({ hardware, source }: LeafSnapshot) => ({ hardware, source })),
  }
}

/** How it was obtained: shares that sum to 1; null where nothing was drawn. */
function sharesOf(watts: readonly (readonly [string, number])[]) {
  const sum = watts.reduce((all, [, one]) => all + one, 0)
  if (sum <= 0) return null
  const { measured = 0, derived = 0, estimated = 0 } = Object.fromEntries(watts)
  return { measured: round(measured / sum, 4), derived: round(derived / sum, 4), estimated: round(estimated / sum, 4) }
}

function sensorOf({ name, up, lastReadingUnixMs, failures, corruptChannels }: SensorSnapshot, atUnixMs: number) {
  return {
    name,
    up,
    last_reading: lastReadingUnixMs === null ? null : timeOf(lastReadingUnixMs),
    age_s: lastReadingUnixMs === null ? null : round(Math.max(0, atUnixMs - lastReadingUnixMs) / 1e3),
    failures,
    corrupt_channels: corruptChannels,
  }
}

function intensityOf({ zone, basis, source, mgPerKwh, startsUnixMs }: ShownIntensity, atUnixMs: number) {
  return {
    zone,
    basis,
    source,
    g_per_kwh: Number(mgPerKwh) / 1e3,
    starts: timeOf(startsUnixMs),
    age_s: round(Math.max(0, atUnixMs - startsUnixMs) / 1e3),
  }
}
