import type { SiteHour } from './model/site.ts'

export interface Scenario {
  readonly name: string
  readonly without: (hour: SiteHour) => SiteHour
  /** Share of the hosts that no meter measures. */
  readonly meterless?: number
}

const withoutRacks = (hour: SiteHour): SiteHour => ({
  ...hour,
  rooms: hour.rooms.map((room) => ({ ...room, racks: room.racks.map((rack) => ({ ...rack, rackW: null })) })),
})
const withoutSupplies = (hour: SiteHour): SiteHour => ({
  ...hour,
  rooms: hour.rooms.map((room) => ({ ...room, supplyW: null })),
})
const withoutCooling = (hour: SiteHour): SiteHour => ({ ...hour, coolingW: null })

/** What a site may not have, in the weeks that are learned as little as later. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'nothing is missing', without: (hour) => hour },
  { name: 'no meters of racks', without: withoutRacks },
  { name: 'no meters of supplies', without: withoutSupplies },
  { name: 'no meter of cooling', without: withoutCooling },
  { name: 'hosts and the main alone', without: (hour) => withoutRacks(withoutSupplies(withoutCooling(hour))) },
  { name: 'no weather', without: (hour) => ({ ...hour, weather: null }) },
  { name: 'half of the hosts without a meter', without: (hour) => hour, meterless: 0.5 },
  { name: 'no main', without: (hour) => ({ ...hour, mainW: null }) },
  {
    name: 'no meter but those in hosts',
    without: (hour) => ({ ...withoutRacks(withoutSupplies(withoutCooling(hour))), mainW: null }),
  },
]
