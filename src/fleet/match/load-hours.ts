import { floorTo, HOUR_MS } from '../../model/time.ts'
import type { LoadHour } from './match.ts'
import type { Load, ZoneFigure } from './read-loads.ts'

/** Consumption by zone and UTC hour, with what is known of the grid. `grid` is in millionths, `residual` in mg/kWh. */
export function loadHours(
  loads: readonly Load[],
  grid: readonly ZoneFigure[],
  residual: readonly ZoneFigure[],
): LoadHour[] {
  const [shares, factors] = [figuresByZone(grid), figuresByZone(residual)]
  const byHour = Map.groupBy(loads, ({ zone, startsUnixMs }) => `${floorTo(HOUR_MS, startsUnixMs)} ${zone}`)
  return [...byHour.values()].map((own) => {
    const [{ zone = '', startsUnixMs = 0 } = {}] = own
    const hourUnixMs = floorTo(HOUR_MS, startsUnixMs)
    return {
      zone,
      hourUnixMs,
      loadUj: own.reduce((sum, { uj }) => sum + uj, 0n),
      isProfile: own.some(({ isProfile }) => isProfile),
      gridCfePpm: meanOver(shares.get(zone) ?? [], hourUnixMs),
      residualMgPerKwh: meanOver(factors.get(zone) ?? [], hourUnixMs),
    }
  })
}

function figuresByZone(figures: readonly ZoneFigure[]): Map<string, readonly ZoneFigure[]> {
  const byZone = Map.groupBy(
    figures.toSorted((a, b) => a.startsUnixMs - b.startsUnixMs),
    ({ zone }) => zone,
  )
  return byZone
}

/** Null for an hour that is not covered from end to end. `figures` are in order and without overlap. */
function meanOver(figures: readonly ZoneFigure[], hourUnixMs: number): bigint | null {
  let [low, high] = [0, figures.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((figures[middle]?.endsUnixMs ?? 0) <= hourUnixMs) low = middle + 1
    else high = middle
  }
  let [sum, coveredMs] = [0n, 0]
  for (let at = low; at < figures.length; at++) {
    const { startsUnixMs, endsUnixMs, value } = figures[at] as ZoneFigure
    if (startsUnixMs >= hourUnixMs + HOUR_MS) break
    const ms = Math.min(endsUnixMs, hourUnixMs + HOUR_MS) - Math.max(startsUnixMs, hourUnixMs)
    sum += value * BigInt(ms)
    coveredMs += ms
  }
  return coveredMs === HOUR_MS ? (sum + BigInt(HOUR_MS) / 2n) / BigInt(HOUR_MS) : null
}
