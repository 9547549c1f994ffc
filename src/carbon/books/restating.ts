import type { Factor, StandingEmission } from '../../model/carbon.ts'
import { type GridFigures, isSameFigure } from '../intensity/grid-figures.ts'
import type { Slot } from '../time/slot.ts'
import type { Bookings } from './bookings.ts'
import { emissionsUg } from './emissions.ts'

/** How long a booking is open to better figures: the grid's data of a month are whole some days after its end. */
export const OPEN_MS = 40 * 86_400_000

/** Restates those of some open bookings for which better figures are known than those that hold. */
export function restateBetter(
  emissions: Iterable<StandingEmission>,
  bookings: Bookings,
  grid: GridFigures,
  nowUnixMs: number,
): void {
  // Both accounts are booked side by side, at one figure.
  let known: { readonly slot: Slot; readonly factor: Factor | null } | null = null
  for (const emission of emissions) {
    if (emission.standing.factor.instrument !== 'grid') continue
    if (known === null || !isSameSlot(known.slot, emission)) known = { slot: emission, factor: grid.over(emission) }
    const { factor } = known
    if (factor === null || !isBetter(factor, emission)) continue
    bookings.restate(emission, factor, nowUnixMs)
  }
}

/**
 * A source may revise itself, but not back to what is less sure; what stands in for a preferred source gives way to a
 * figure that is no worse. So a changed configuration restates nothing that was not an admitted stand-in.
 */
function isBetter(factor: Factor, { standing, energyUj, puePpm }: StandingEmission): boolean {
  const { factor: held } = standing
  if (isSameFigure(factor, held)) return emissionsUg(energyUj, factor.mgPerKwh ?? 0n, puePpm) !== standing.co2eUg
  const isSameSource = factor.source === held.source
  if (held.status === 'final' && factor.status === 'estimated') return false
  if (isSameSource) return factor.mgPerKwh !== held.mgPerKwh || factor.status !== 'estimated'
  return held.reason !== null && factor.dataQuality <= held.dataQuality
}

function isSameSlot(a: Slot, b: Slot): boolean {
  return a.startUnixMs === b.startUnixMs && a.endUnixMs === b.endUnixMs
}
