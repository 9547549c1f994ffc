import type { Measure, Meter, Place } from './topology.ts'

/** Electricity on its way to machines, without what cools. */
const ELECTRIC: ReadonlySet<Measure> = new Set(['main', 'ups', 'pdu'])

/** All that the power of a meter has gone through before. */
function feedsOf({ behind }: Meter): readonly Meter[] {
  return behind === null ? [] : [behind, ...feedsOf(behind)]
}

/** Of some meters, the feeds of a place, which add up: none is behind another of it, be it one that was taken away. */
export function suppliesOf(place: Place, meters: readonly Meter[]): Meter[] {
  return meters.filter(
    (meter) =>
      meter.place === place && ELECTRIC.has(meter.measures) && feedsOf(meter).every((feed) => feed.place !== place),
  )
}

/** Whether what a meter measures has come through a feed of a place, be it one that was replaced. */
export function isFedThrough(place: Place, meter: Meter): boolean {
  return feedsOf(meter).some((feed) => feed.place === place && ELECTRIC.has(feed.measures))
}

/** Of one kind, those that no other of the kind feeds. */
export function outermost(meters: readonly Meter[], measure: Measure): Meter[] {
  return meters.filter((meter) => meter.measures === measure && meter.behind?.measures !== measure)
}

/** Of one kind, those that feed no other of the kind. */
export function innermost(meters: readonly Meter[], measure: Measure): Meter[] {
  const own = meters.filter(({ measures }) => measures === measure)
  return own.filter((meter) => !own.some(({ behind }) => behind === meter))
}
