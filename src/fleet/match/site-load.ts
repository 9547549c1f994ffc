import { HOUR_MS } from '../../model/time.ts'
import { type FleetAccount, type HostSeries, hourAt, placeAt } from '../account/account.ts'
import { outermost } from '../feeds.ts'
import { metersIn, sumOf } from '../report/site-energy.ts'
import { type Place, within } from '../topology.ts'
import type { Load } from './read-loads.ts'

export interface SiteLoad {
  readonly loads: readonly Load[]
  /** Hours of which the consumption of the site is not known: they are matched with nothing. */
  readonly missing: number
}

/**
 * Consumption of a place by the hour, by its main meters; without any, by its machines times the PUE that they count by,
 * `itJoules`. An hour that is not covered has no consumption to match, and is told.
 */
export function siteLoad(account: FleetAccount, place: Place, zone: string, itJoules: Float64Array): SiteLoad {
  const mains = outermost(metersIn(account, place), 'main')
  const joules = mains.length > 0 ? sumOf(mains, account) : machinesOf(account, place, itJoules)
  const loads: Load[] = []
  for (const [at, value] of joules.entries()) {
    if (Number.isNaN(value)) continue
    const startsUnixMs = account.span.from + at * HOUR_MS
    loads.push({
      zone,
      startsUnixMs,
      endsUnixMs: startsUnixMs + HOUR_MS,
      uj: BigInt(Math.round(value * 1e6)),
      isProfile: false,
    })
  }
  return { loads, missing: account.hours - loads.length }
}

/** Only hours in which each machine that stood in the place is known. */
function machinesOf(account: FleetAccount, place: Place, itJoules: Float64Array): Float64Array {
  const own = new Set(within(place))
  const isUnknown = ({ host, joules }: HostSeries, at: number) =>
    Number.isNaN(joules[at]) && own.has(placeAt(host, hourAt(account, at).from) as Place)
  return itJoules.map((joules, at) => (account.hosts.some((one) => isUnknown(one, at)) ? Number.NaN : joules))
}
