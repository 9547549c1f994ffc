import type { Factor, StandingEmission } from '../../model/carbon.ts'
import { type GridFigures, isSameFigure } from '../intensity/grid-figures.ts'
import type { Slot } from '../time/slot.ts'
import type { Bookings } from './bookings.ts'
import { emissionsUg } from './emissions.ts'

/** How long a booking is open to better figures: a grid's data of a month are complete some days after its end. */
export const OPEN_MS = 40 * 86_400_000

/** Restates the emissions for which the grid has a better figure now than the one that stands. */
export function restateBetter(
  emissions: Iterable<StandingEmission>,
  bookings: Bookings,
  grid: GridFigures,
  nowUnixMs: number,
): void {
  // Bookings of two accounts for one slot follow each other and have one figure.
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
 * A source may revise its own figure, but not from final to estimated. A stand-in for a preferred source gives way to
 * any figure of no worse quality. So a changed configuration restates nothing but stand-ins.
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
