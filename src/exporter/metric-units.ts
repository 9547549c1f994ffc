import { NS_PER_S, UJ_PER_J, wattsOf } from '../model/units.ts'
import type { Labels } from './metric.ts'

export const NO_LABELS: Labels = {}

const UG_PER_G = 1_000_000n

/**
 * A total in a larger unit. Rounding to double and dividing by a constant both keep the order of their inputs (IEEE 754),
 * so a total that never falls is exported as one that never falls.
 */
export const inUnits = (total: bigint, unit: bigint): number => Number(total) / Number(unit)
export const joules = (energyUj: bigint): number => inUnits(energyUj, UJ_PER_J)
export const seconds = (durationNs: bigint): number => inUnits(durationNs, NS_PER_S)
export const grams = (massUg: bigint): number => inUnits(massUg, UG_PER_G)
export const watts = (powerUw: bigint | null): number | null => (powerUw === null ? null : wattsOf(powerUw))

/**
 * A total of millionths in its unit, rounded once: the number that is next to its six decimals, as a scraper would read them.
 * So the difference of two is that of the totals, to the millionth up to 2^32 units.
 */
export function exactly(total: bigint): number {
  const millionths = total.toString().padStart(7, '0')
  return Number(`${millionths.slice(0, -6)}.${millionths.slice(-6)}`)
}
