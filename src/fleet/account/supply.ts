import { type Measure, type Meter, type Place, type Topology, within } from '../topology.ts'

/** Electricity on its way to machines. */
const ELECTRIC: ReadonlySet<Measure> = new Set(['main', 'ups', 'pdu'])

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

/** Metered places, each after those inside it. */
export function suppliedPlaces({ roots, meters }: Topology): readonly SuppliedPlace[] {
  const all: Growing[] = []
  const cooling = [...meters.values()].filter(
    ({ measures, behind }) => measures === 'cooling' && behind?.measures !== 'cooling',
  )
  const walk = (place: Place, outer: Growing | null): void => {
    const own = place.meters.filter(({ measures }) => ELECTRIC.has(measures))
    const supply = own.filter(({ behind }) => !own.some((meter) => meter === behind))
    const supplied: Growing | null =
      supply.length === 0 ? null : { place, supply, cooling: cooledBy(supply, cooling, place), outer, inner: [] }
    if (supplied !== null) outer?.inner.push(supplied)
    for (const child of place.children) walk(child, supplied ?? outer)
    if (supplied !== null) all.push(supplied)
  }
  for (const root of roots) walk(root, null)
  return all
}

/** Of a place that has no meter of its own for it, the cooling inside it that its feeds reach. */
function cooledBy(supply: readonly Meter[], cooling: readonly Meter[], place: Place): readonly Meter[] {
  const inside = new Set(within(place))
  return cooling.filter((meter) => {
    if (!inside.has(meter.place)) return false
    for (let at = meter.behind; at !== null; at = at.behind) if (supply.includes(at)) return true
    return false
  })
}

/** The metered place through which a host's power goes; null where nothing is metered around it. */
export function supplierOf(place: Place | null, supplied: ReadonlyMap<Place, SuppliedPlace>): SuppliedPlace | null {
  for (let at = place; at !== null; at = at.parent) {
    const found = supplied.get(at)
    if (found !== undefined) return found
  }
  return null
}
