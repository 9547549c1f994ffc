import type { Factor, SettledEmission } from '../../model/carbon.ts'
import { type GridFigures, isSameFigure } from '../sources/grid-figures.ts'
import type { EmissionBook } from './emission-book.ts'
import { emissionsUg, type Slot } from './slot.ts'

/** How long a booking is open to better figures: the grid's data of a month are whole some days after its end. */
export const OPEN_MS = 40 * 86_400_000

/** Restates those of some open bookings for which better figures are known than those that hold. */
export function settle(
  bookings: Iterable<SettledEmission>,
  book: EmissionBook,
  grid: GridFigures,
  nowUnixMs: number,
): void {
  // Both accounts are booked side by side, at one figure.
  let known: { readonly slot: Slot; readonly factor: Factor | null } | null = null
  for (const emission of bookings) {
    if (emission.settled.factor.instrument !== 'grid') continue
    if (known === null || !isSameSlot(known.slot, emission)) known = { slot: emission, factor: grid.over(emission) }
    const { factor } = known
    if (factor === null || !isBetter(factor, emission)) continue
    book.restate(emission, factor, nowUnixMs)
  }
}

/**
 * A source may revise itself, but not back to what is less sure; what stands in for a preferred source gives way to a
 * figure that is no worse. So a changed configuration restates nothing that was not an admitted stand-in.
 */
function isBetter(factor: Factor, { settled, energyUj, puePpm }: SettledEmission): boolean {
  const standing = settled.factor
  if (isSameFigure(factor, standing)) return emissionsUg(energyUj, factor.mgPerKwh ?? 0n, puePpm) !== settled.co2eUg
  const isSameSource = factor.source === standing.source
  if (standing.status === 'final' && factor.status === 'estimated') return false
  if (isSameSource) return factor.mgPerKwh !== standing.mgPerKwh || factor.status !== 'estimated'
  return standing.reason !== null && factor.dataQuality <= standing.dataQuality
}

function isSameSlot(a: Slot, b: Slot): boolean {
  return a.startUnixMs === b.startUnixMs && a.endUnixMs === b.endUnixMs
}
