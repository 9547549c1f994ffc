import type { Bounds, Correction, Grain, HistoryRows, PartStep } from '../../ledger/history-rows.ts'
import { PARTS } from '../../model/part.ts'
import { QUALITIES } from '../../model/posting.ts'
import { floorTo, HOUR_MS, MINUTE_MS } from '../../model/time.ts'
import type { Tariff } from '../../report/tariff.ts'
import { stepFor } from './questions.ts'
import { Step } from './step.ts'

/** Gaps that are named one by one. */
const MOST_GAPS = 200
/** So long after a batch its energy may still come. */
const LATE_MS = 60_000

/** What a kilowatt hour costs, or why that is not known. */
export interface Prices {
  readonly tariff: Tariff | null
  readonly fault: string | null
}

export interface HistorySpan {
  readonly from: number
  readonly until: number
  readonly points: number
}

/** The machine over time, by steps of one length. Lists are of the steps, in order. */
export function historyOf(rows: HistoryRows, { from, until, points }: HistorySpan, prices: Prices) {
  const { tariff } = prices
  const bounds = rows.bounds()
  const { grain, stepMs } = grainOf(bounds, from, until, points)
  const first = floorTo(stepMs, from)
  const count = Math.ceil((until - first) / stepMs)
  const span = { from: first, until: first + count * stepMs }
  const steps = Array.from({ length: count }, (_, at) => new Step(first + at * stepMs))
  const indexOf = (start: number) => Math.floor((start - first) / stepMs)
  const total = new Step(first)
  const corrections = correctionsOf(rows, span)
  // No coarser than an hour, whose price and corrections are its own.
  for (const row of rows.node(grain, Math.min(stepMs, HOUR_MS), span)) {
    const hour = floorTo(HOUR_MS, row.start)
    const price = tariff?.priceOf(hour) ?? null
    for (const step of [steps[indexOf(row.start)], total]) step?.add(row, corrections.get(hour) ?? [], price)
  }
  const [began, known] = knownOf(bounds)
  const coverage = (step: Step, start: number, end: number) =>
    step.coverage(Math.max(start, began), Math.min(end, known))
  // Before the first posting there is no gap, but no ledger.
  const { longest, count: gaps } = rows.gaps({ from: Math.max(first, began), until: span.until }, MOST_GAPS)
  return {
    from: timeOf(first),
    to: timeOf(span.until),
    step_s: stepMs / 1e3,
    grain,
    known_from: Number.isFinite(began) ? timeOf(began) : null,
    known_to: Number.isFinite(known) ? timeOf(known) : null,
    time: steps.map(({ start }) => start / 1e3),
    power_w: steps.map((step) => step.powerW),
    uncertainty_95_w: steps.map((step) => step.uncertaintyW),
    coverage: steps.map((step) =>
      step.start + stepMs > known ? null : coverage(step, step.start, step.start + stepMs),
    ),
    qualities: QUALITIES.map((quality) => ({ quality, power_w: steps.map((step) => step.qualityW(quality)) })),
    parts: seriesOf(rows.parts(grain, stepMs, span), steps, indexOf),
    intensity_g_per_kwh: steps.map((step) => step.intensity),
    co2e_location_g: steps.map(({ masses }) => masses.location),
    co2e_market_g: steps.map(({ masses }) => masses.market),
    embodied_g: steps.map(({ masses }) => masses.embodied),
    cost: tariff === null ? null : steps.map((step) => step.cost),
    cost_fault: prices.fault,
    gaps: longest.map(({ startedMs, endedMs, reason }) => ({
      started: timeOf(startedMs),
      ended: timeOf(endedMs),
      reason,
    })),
    gaps_left_out: gaps - longest.length,
    total: totalOf(total, coverage(total, Math.max(first, from), span.until), tariff),
  }
}

export type History = ReturnType<typeof historyOf>
export type HistoryTotal = History['total']

export function totalOf(total: Step, coverage: number | null, tariff: Tariff | null) {
  const { masses } = total
  return {
    energy_kwh: total.energyKwh,
    measured_kwh: total.kwhOf('measured'),
    derived_kwh: total.kwhOf('derived'),
    estimated_kwh: total.kwhOf('estimated'),
    uncertainty_95_kwh: total.uncertaintyKwh,
    coverage,
    meters: total.meters,
    co2e_location_g: masses.location,
    co2e_market_g: masses.market,
    embodied_g: masses.embodied,
    site_water_l: masses.siteWater,
    grid_water_l: masses.gridWater,
    cost: tariff === null ? null : total.cost,
    currency: tariff?.currency ?? null,
  }
}

/** Minutes where they are still kept, or reach back to the beginning of the ledger. */
function grainOf(bounds: Bounds | null, from: number, until: number, points: number) {
  const stepMs = stepFor(until - from, points, MINUTE_MS)
  const { firstMinuteMs = null, firstHourMs = null } = bounds ?? {}
  const reaches =
    firstMinuteMs !== null && (firstMinuteMs <= from || floorTo(HOUR_MS, firstMinuteMs) <= (firstHourMs ?? 0))
  if (stepMs < HOUR_MS && (reaches || firstHourMs === null)) return { grain: 'minute' as Grain, stepMs }
  return { grain: 'hour' as Grain, stepMs: stepFor(until - from, points, HOUR_MS) }
}

/** The time of which the ledger knows, or would if there was no gap; its beginning as finely as that is still kept. */
function knownOf(bounds: Bounds | null): readonly [began: number, known: number] {
  if (bounds === null || bounds.firstHourMs === null) return [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  const { firstHourMs, firstMinuteMs, firstMs, lastMs, atMs } = bounds
  const minute = firstMinuteMs !== null && floorTo(HOUR_MS, firstMinuteMs) === firstHourMs ? firstMinuteMs : firstHourMs
  const began = firstMs !== null && floorTo(MINUTE_MS, firstMs) === minute ? firstMs : minute
  return [began, Math.max(lastMs ?? 0, atMs - LATE_MS)]
}

function correctionsOf(rows: HistoryRows, span: { readonly from: number; readonly until: number }) {
  return Map.groupBy<number, Correction>(rows.corrections(widened(span, HOUR_MS)), ({ hour }) => hour)
}

/** One list for each part and quality that there is, in the order of the parts. */
function seriesOf(parts: readonly PartStep[], steps: readonly Step[], indexOf: (start: number) => number) {
  const values = new Map<string, (number | null)[]>()
  for (const { start, part, quality, energyUj } of parts) {
    const index = indexOf(start)
    const step = steps[index]
    if (step === undefined || energyUj === 0) continue
    const key = `${part}/${quality}`
    const list = values.get(key) ?? steps.map((one) => (one.powerW === null ? null : 0))
    values.set(key, list)
    list[index] = step.meanW(energyUj)
  }
  return PARTS.flatMap((part) =>
    QUALITIES.flatMap((quality) => {
      const list = values.get(`${part}/${quality}`)
      return list === undefined ? [] : { part, quality, power_w: list }
    }),
  )
}

export function timeOf(unixMs: number): string {
  return new Date(unixMs).toISOString()
}

/** To whole units of time. */
export function widened({ from, until }: { readonly from: number; readonly until: number }, unitMs: number) {
  return { from: floorTo(unitMs, from), until: floorTo(unitMs, until + unitMs - 1) }
}
