import { isFedThrough, outermost, suppliesOf } from '../feeds.ts'
import type { Meter, Place } from '../topology.ts'
import { type FleetAccount, isThere } from './account.ts'

/** A place whose supply is metered: what goes in, and what is known of where it goes. */
export interface SuppliedPlace {
  readonly place: Place
  /** Feeds of the place, none behind another of it: they add up. */
  readonly supply: readonly Meter[]
  /** Cooling that is fed through them. */
  readonly cooling: readonly Meter[]
  readonly outer: SuppliedPlace | null
  /** The nearest metered places inside, whose supply goes through this one. */
  readonly inner: readonly SuppliedPlace[]
}

type Growing = { -readonly [Key in keyof SuppliedPlace]: SuppliedPlace[Key] } & { inner: SuppliedPlace[] }

/** Places that are metered in the time, each after those inside it. */
export function suppliedPlaces({ topology, span }: Pick<FleetAccount, 'topology' | 'span'>): readonly SuppliedPlace[] {
  const all: Growing[] = []
  const isNow = (meter: Meter) => isThere(meter, span)
  const cooling = outermost([...topology.meters.values()], 'cooling').filter(isNow)
  const walk = (place: Place, outer: Growing | null): void => {
    const supply = suppliesOf(place, place.meters).filter(isNow)
    const cooled = cooling.filter((meter) => isFedThrough(place, meter))
    const supplied: Growing | null = supply.length === 0 ? null : { place, supply, cooling: cooled, outer, inner: [] }
    if (supplied !== null) outer?.inner.push(supplied)
    for (const child of place.children) walk(child, supplied ?? outer)
    if (supplied !== null) all.push(supplied)
  }
  for (const root of topology.roots) walk(root, null)
  return all
}

/** The metered place through which a host's power goes; null where nothing is metered around it. */
export function supplierOf(place: Place | null, supplied: ReadonlyMap<Place, SuppliedPlace>): SuppliedPlace | null {
  for (let at = place; at !== null; at = at.parent) {
    const found = supplied.get(at)
    if (found !== undefined) return found
  }
  return null
}
