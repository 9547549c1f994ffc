import { most } from '../model/bigint.ts'
import { NS_PER_MS, NS_PER_S } from '../model/units.ts'
import type { WorkloadUnit, WorkloadUnits } from '../model/workload.ts'
import { type CounterReading, MOST_SERIES } from './counter-reading.ts'

/** A reading with its moment, which is the middle of the question and its answer. */
export interface TimedReading extends CounterReading {
  readonly atNs: bigint
  readonly atUnixMs: number
  /** The last value of every series of its process, also of those that it does not show. */
  readonly known: CounterReading['series']
}

/** What was counted between two readings. */
export interface Increase {
  /** Where the counted time begins: later than the first reading for a process that began between them. */
  readonly fromNs: bigint
  readonly units: WorkloadUnits
}

export interface Step {
  readonly hasRestarted: boolean
  /** Null where counts were lost: their number is unknown, so that their time has no figure. */
  readonly increase: Increase | null
}

/** Kernels work out the start of a process anew from a clock that is disciplined. */
const START_SLACK_S = 1
/** Starts are told in whole seconds by some. */
const SAMPLE_SLACK_NS = 2n * NS_PER_S

/** A reading with what is known from those before it. */
export function following(before: TimedReading | null, now: Omit<TimedReading, 'known'>): TimedReading {
  if (before === null || isOther(before, now)) return { ...now, known: now.series }
  const known = new Map(now.series)
  for (const [unit, values] of before.known) {
    const own = now.series.get(unit)
    // A server whose labels change for ever is not remembered for ever.
    if (values.size + (own?.size ?? 0) <= 2 * MOST_SERIES) known.set(unit, new Map([...values, ...(own ?? [])]))
  }
  return { ...now, known }
}

/** Both say when their process began, and it is another one. */
function isOther({ startedUnixS: before }: CounterReading, { startedUnixS: now }: CounterReading): boolean {
  return before !== null && now !== null && Math.abs(now - before) > START_SLACK_S
}

/**
 * The step from one reading to the next.
 *
 * A process that says when it began tells all: the same one has counted on, whatever happened to the way to it; one that began
 * since has counted all that it shows since then; and one that is older than the last reading is another server, of which
 * nothing is known yet.
 *
 * Without such a time a series that falls has begun again from zero, and what it shows was counted since the last reading, as
 * Prometheus' increase() has it. But if a look failed in between, nobody knows how much of that time it was there, nor what
 * the old one counted before its end: then nothing is counted rather than divided by too little.
 *
 * @param isBroken a look failed between the two
 */
export function stepOf(before: TimedReading, now: TimedReading, isBroken: boolean): Step {
  if (!isOther(before, now)) {
    const hasRestarted = hasFallen(before, now)
    const isSame = before.startedUnixS !== null && now.startedUnixS !== null
    const isLost = hasRestarted && isBroken && !isSame
    return { hasRestarted, increase: isLost ? null : { fromNs: before.atNs, units: grown(before.known, now) } }
  }
  const startNs = now.atNs - BigInt(Math.round(now.atUnixMs - (now.startedUnixS ?? 0) * 1e3)) * NS_PER_MS
  const isNewer = startNs > before.atNs - SAMPLE_SLACK_NS && startNs < now.atNs + SAMPLE_SLACK_NS
  if (!isNewer) return { hasRestarted: true, increase: null }
  const fromNs = startNs > now.atNs ? now.atNs : most(startNs, before.atNs)
  return { hasRestarted: true, increase: { fromNs, units: grown(new Map(), now) } }
}

/** A series that is new counts from zero: it was not there at the readings before. */
function grown(before: CounterReading['series'], { series }: CounterReading): WorkloadUnits {
  const units: Partial<Record<WorkloadUnit, number>> = {}
  for (const [unit, values] of series) {
    const known = before.get(unit)
    let sum = 0
    for (const [key, value] of values) {
      const last = known?.get(key) ?? 0
      sum += value < last ? value : value - last
    }
    units[unit] = sum
  }
  return units
}

/** A series that is gone is one that has fallen. */
function hasFallen(before: CounterReading, now: CounterReading): boolean {
  for (const [unit, values] of before.series) {
    for (const [key, value] of values) if ((now.series.get(unit)?.get(key) ?? -1) < value) return true
  }
  return false
}
