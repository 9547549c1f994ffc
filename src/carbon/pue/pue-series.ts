import type { Stretch, TimeSeries } from '../time/time-series.ts'
import type { PueCoverage, PueStatement } from './pue.ts'
import { SPREAD } from './stated.ts'

/** The PUE of a time. */
export interface PuePeriod extends Stretch {
  readonly puePpm: bigint
}

/** The stand-ins for times that a series does not cover. */
export interface StandIn {
  /** How long the last value holds on. */
  readonly holdMs: number
  readonly default: PueStatement
}

/**
 * A ratio of two meters of class 1 (IEC 62053-21): ±1 % each, as standard uncertainties 1/√3 %, in quadrature 0.8 %.
 */
const METERED = 0.01

/** The series' PUE of a time, else its last value while that is held, else the default. */
export function coverBySeries(
  series: TimeSeries<PuePeriod>,
  unixMs: number,
  source: string,
  standIn: StandIn,
): PueCoverage {
  const { period, untilUnixMs } = series.at(unixMs)
  if (period !== null) {
    return { statement: { puePpm: period.puePpm, relativeUncertainty: METERED, source }, untilUnixMs }
  }
  const { last } = series
  const heldUnixMs = last === null ? Number.NEGATIVE_INFINITY : last.endsUnixMs + standIn.holdMs
  if (last !== null && unixMs >= last.endsUnixMs && unixMs < heldUnixMs) {
    const held = { puePpm: last.puePpm, relativeUncertainty: SPREAD, source: `${source}, held` }
    return { statement: held, untilUnixMs: heldUnixMs }
  }
  return { statement: standIn.default, untilUnixMs }
}

/** Why the default counts at a time, for people; null while it does not. */
export function latenessOf({ last }: TimeSeries<PuePeriod>, unixMs: number, { holdMs }: StandIn): string | null {
  if (last === null) return 'it has no figure yet'
  return unixMs < last.endsUnixMs + holdMs ? null : `its last figure ends ${new Date(last.endsUnixMs).toISOString()}`
}
