import type { PartEnergy } from '../model/batch.ts'
import { NS_PER_S, UJ_PER_KWH } from '../model/units.ts'
import type { ClosedBy } from '../model/window.ts'
import type { Amounts, Side } from './amounts.ts'
import type { MeasuredWindow } from './measured-window.ts'
import { type Bytes, ELSEWHERE, elsewhereJ } from './network.ts'
import type { Prediction } from './prediction.ts'

/** As docs/api/openapi.json describes it. Null is unknown, which is not zero. */
export interface EnergyAnswer {
  readonly energy_j: number
  /** Half-width of the 95 % interval. */
  readonly uncertainty_95_j: number
  readonly parts: readonly { readonly part: string; readonly quality: string; readonly energy_j: number }[]
  readonly mean_w: number | null
  /** Time that is accounted for. */
  readonly covered_s: number
  readonly co2e_g: {
    readonly location: number | null
    readonly market: number | null
    readonly embodied: number | null
  }
  /** Means by energy of what was booked. */
  readonly intensity_g_per_kwh: number | null
  readonly pue: number | null
}

export interface WindowAnswer extends EnergyAnswer {
  readonly id: string
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly series: string
  readonly repeats: number | null
  readonly status: 'open' | 'provisional' | 'final'
  readonly started: string
  readonly ended: string | null
  readonly closed_by: ClosedBy | null
  readonly duration_s: number
  readonly peak_w: number | null
  readonly baseline: { readonly power_w: number; readonly above_j: number } | null
  /** Of the work in the window's scope; null where none was seen. */
  readonly own: { readonly energy_j: number; readonly above_idle_j: number } | null
  readonly network: NetworkAnswer | null
  readonly prediction: SeriesAnswer | null
}

/** Of all that runs in the network namespace. Its energy elsewhere is no part of the machine's. */
export interface NetworkAnswer {
  readonly received_bytes: number
  readonly sent_bytes: number
  readonly elsewhere_j: number
  readonly kwh_per_gb: number
  readonly source: string
}

export interface SeriesAnswer {
  readonly seen: number
  readonly count: number
  readonly energy_j: IntervalAnswer | null
  readonly co2e_location_g: IntervalAnswer | null
}

interface IntervalAnswer {
  readonly total: number
  readonly low_95: number
  readonly high_95: number
}

export function windowAnswer(window: MeasuredWindow, nowNs: bigint, prediction: SeriesAnswer | null): WindowAnswer {
  const { facts, end, isFinal, amounts, peakUw, own, network } = window
  const durationNs = (end?.ns ?? nowNs) - facts.startNs
  const energy = energyAnswer(amounts)
  return {
    id: facts.id,
    name: facts.name,
    tags: facts.tags,
    series: facts.series,
    repeats: facts.repeats,
    status: end === null ? 'open' : isFinal ? 'final' : 'provisional',
    started: new Date(facts.startUnixMs).toISOString(),
    ended: end === null ? null : new Date(end.unixMs).toISOString(),
    closed_by: end?.by ?? null,
    duration_s: secondsOf(durationNs),
    ...energy,
    // Seconds do not begin with the window, and those of its ends are not its own.
    peak_w: peakUw === null ? null : Math.max(joulesOf(peakUw), energy.mean_w ?? 0),
    baseline: baselineOf(facts.baselineUw, amounts),
    own: own?.isSeen ? { energy_j: joulesOf(own.idleUj + own.dynamicUj), above_idle_j: joulesOf(own.dynamicUj) } : null,
    network: network && networkAnswer(network, ELSEWHERE),
    prediction,
  }
}

export function energyAnswer(amounts: Amounts): EnergyAnswer {
  const coveredNs = amounts.of('covered') ?? 0n
  const facilityUj = amounts.of('facility') ?? 0n
  // Of time of which nothing is known nothing was booked, which is not zero.
  const booked = (side: Side) => (coveredNs === 0n ? null : amounts.of(side))
  const locationUg = booked('location')
  const { energyUj } = amounts
  return {
    energy_j: joulesOf(energyUj),
    uncertainty_95_j: rounded(amounts.uncertaintyUj / 1e6),
    parts: amounts.parts.map(partAnswer),
    mean_w: coveredNs > 0n ? rounded(Number(energyUj) / 1e6 / secondsOf(coveredNs)) : null,
    covered_s: secondsOf(coveredNs),
    co2e_g: {
      location: gramsOf(locationUg),
      market: gramsOf(booked('market')),
      embodied: gramsOf(booked('embodied')),
    },
    intensity_g_per_kwh: intensityOf(locationUg, facilityUj),
    pue: energyUj === 0n ? null : rounded(Number(facilityUj) / Number(energyUj)),
  }
}

/** Null also where the one µg by which both ends may be rounded is a thousandth, and 0.001 g/kWh. */
function intensityOf(locationUg: bigint | null, facilityUj: bigint): number | null {
  if (locationUg === null || (locationUg < 1_000n && facilityUj < UJ_PER_KWH / 1_000n)) return null
  return rounded((Number(locationUg) / 1e6 / Number(facilityUj)) * Number(UJ_PER_KWH))
}

export function networkAnswer(
  bytes: Bytes,
  { kwhPerGb, source }: { readonly kwhPerGb: number; readonly source: string },
): NetworkAnswer {
  return {
    received_bytes: bytes.received,
    sent_bytes: bytes.sent,
    elsewhere_j: rounded(elsewhereJ(bytes, kwhPerGb)),
    kwh_per_gb: kwhPerGb,
    source,
  }
}

export function seriesAnswer(
  seen: number,
  count: number,
  energyJ: Prediction | null,
  co2eG: Prediction | null,
): SeriesAnswer {
  return { seen, count, energy_j: intervalAnswer(energyJ), co2e_location_g: intervalAnswer(co2eG) }
}

function intervalAnswer(prediction: Prediction | null): IntervalAnswer | null {
  if (prediction === null) return null
  const { total, low, high } = prediction
  return { total: rounded(total), low_95: rounded(low), high_95: rounded(high) }
}

/** Energy above what the machine draws without the work. */
function baselineOf(baselineUw: bigint | null, amounts: Amounts): WindowAnswer['baseline'] {
  if (baselineUw === null) return null
  const idleUj = (baselineUw * (amounts.of('covered') ?? 0n)) / NS_PER_S
  return { power_w: joulesOf(baselineUw), above_j: joulesOf(amounts.energyUj - idleUj) }
}

function partAnswer({ part, quality, energyUj }: PartEnergy): EnergyAnswer['parts'][number] {
  return { part, quality, energy_j: joulesOf(energyUj) }
}

/** Of µJ, and watts of µW. */
function joulesOf(uj: bigint): number {
  return Number(uj) / 1e6
}

function gramsOf(ug: bigint | null): number | null {
  return ug === null ? null : Number(ug) / 1e6
}

function secondsOf(ns: bigint): number {
  return rounded(Number(ns) / 1e9)
}

/** To six places, as whole millionths have by themselves. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
