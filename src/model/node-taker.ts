import type { LeafEnergy } from './attribution.ts'
import type { Emissions } from './carbon.ts'

/** What was booked for a piece of the node's account: emissions, water, and the energy times the PUE of its time. */
export interface Booked extends Omit<Emissions, 'puePpm'> {
  readonly facilityUj: bigint
  /** In µg; null where none is counted. */
  readonly embodiedUg: bigint | null
}

export const NOTHING_BOOKED: Booked = {
  facilityUj: 0n,
  co2eLocationUg: 0n,
  co2eMarketUg: 0n,
  embodiedUg: 0n,
  siteWaterUl: 0n,
  gridWaterUl: 0n,
}

/** What the node's account grew by for `[startNs, endNs)`. Several may come for one stretch of time, in any order. */
export interface BookedPosting {
  readonly startNs: bigint
  readonly endNs: bigint
  readonly shares: readonly LeafEnergy[]
  /** Time that is covered from now on; each moment once. */
  readonly coveredNs: bigint
  /** Standard uncertainty in µJ by what is wrong together: contributions of one name add up, others add in quadrature. */
  readonly uncertainty: ReadonlyMap<string, number>
  readonly booked: Booked
}

/** Keeps an own view of the node's account, beside the books. */
export interface NodeTaker {
  post(posting: BookedPosting, startUnixMs: number): void
  /** Whatever will be posted of the time before `untilNs` has been. Told after each pass. */
  settle(untilNs: bigint): void
}
