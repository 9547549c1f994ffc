import { floorTo, HOUR_MS, MINUTE_MS } from '../../model/time.ts'
import type { MeterHour } from '../ledger/rows.ts'
import type { Series } from '../prometheus/answer.ts'
import { type Meter, UNIT_OF } from '../topology.ts'

/** As long as Prometheus takes the last value for the present one. */
export const LONGEST_STEP_MS = 5 * MINUTE_MS

/** 2,500 GWh in an hour are no measurement. */
const MOST = 9e12

type Growing = { -readonly [Key in keyof MeterHour]: MeterHour[Key] } & { parts: number }

/**
 * What a meter measured in each UTC hour of a time, from its raw samples: powers by the trapezoid rule, counters by their
 * differences, an interval across the end of an hour in proportion to time. What is further apart than the longest step is
 * a gap of a power; of a counter the sum is known, and shared out by time. A counter that falls adds nothing.
 */
export function meterHours(
  { unit, scale, sinceUnixMs, untilUnixMs }: Meter,
  samples: Series['samples'],
  span: { readonly fromUnixMs: number; readonly untilUnixMs: number },
): MeterHour[] {
  const from = Math.max(span.fromUnixMs, sinceUnixMs ?? -Infinity)
  const until = Math.min(span.untilUnixMs, untilUnixMs ?? Infinity)
  const isPower = UNIT_OF[unit].kind === 'power'
  const hours = new Map<number, Growing>()
  for (let hour = floorTo(HOUR_MS, from); hour < until; hour += HOUR_MS) {
    hours.set(hour, { hourUnixMs: hour, amount: 0n, coveredMs: 0, spreadMs: 0, falls: 0, parts: 0 })
  }
  const points = samples
    .map(([unixMs, text]) => [unixMs, Number(text) * scale] as const)
    .filter(([, value]) => Number.isFinite(value))
  for (const [n, [end, value]] of points.entries()) {
    const [start, before] = points[n - 1] ?? [end, value]
    const isLong = end - start > LONGEST_STEP_MS
    const fell = !isPower && value < before
    for (let at = Math.max(start, from); at < Math.min(end, until); ) {
      const hour = hours.get(floorTo(HOUR_MS, at))
      const next = Math.min(end, until, floorTo(HOUR_MS, at) + HOUR_MS)
      if (hour !== undefined && fell) hour.falls += at === Math.max(start, from) ? 1 : 0
      else if (hour !== undefined && !(isPower && isLong)) {
        hour.parts += isPower
          ? energyWithin([start, before], [end, value], at, next)
          : ((value - before) * (next - at)) / (end - start)
        hour[isLong ? 'spreadMs' : 'coveredMs'] += next - at
      }
      at = next
    }
  }
  return [...hours.values()].map(({ parts, ...hour }) =>
    Math.abs(parts) < MOST
      ? { ...hour, amount: BigInt(Math.round(parts * 1e6)) }
      : { ...hour, coveredMs: 0, spreadMs: 0 },
  )
}

type Point = readonly [unixMs: number, watts: number]

/** Joules under the line between two points, in a part of its time. */
function energyWithin([start, first]: Point, [end, last]: Point, from: number, until: number): number {
  const slope = (last - first) / (end - start)
  const middle = first + slope * ((from + until) / 2 - start)
  return (middle * (until - from)) / 1e3
}
