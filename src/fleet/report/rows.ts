import { HOUR_MS } from '../../model/time.ts'
import type { Row } from '../../report/rows.ts'
import { utc } from '../../report/span.ts'
import { type FleetAccount, placeAt } from '../account/account.ts'
import type { Host, HostHour } from '../account/host-hours.ts'
import { LEVELS, type Level, type Place, pathOf } from '../topology.ts'
import { FleetTally } from './tally.ts'

export const FLEET_VIEWS = [...LEVELS, 'host', 'hour', 'day', 'month'] as const
export type FleetView = (typeof FLEET_VIEWS)[number]

const CHARACTERS = { hour: 17, day: 10, month: 7 } as const

/** Rows of a report, and of what is asked for besides, from hours of hosts in one pass. */
export class FleetRows {
  readonly total = new FleetTally()
  readonly #by: FleetView
  readonly #within: Place | null
  readonly #rows = new Map<string, FleetTally>()

  /** `within` is the place that the report is of; null for all. */
  constructor(by: FleetView, within: Place | null) {
    this.#by = by
    this.#within = within
  }

  holds(place: Place | null): boolean {
    return this.#within === null || (place !== null && pathOf(place).includes(this.#within))
  }

  add(hour: HostHour): void {
    if (!this.holds(hour.place)) return
    this.total.add(hour)
    this.#row(this.#labelOf(hour.host, hour.place, hour.hourUnixMs)).add(hour)
  }

  /** Once all hours are there: how much of the time of its hosts each row has. */
  cover({ hosts, span, hours }: FleetAccount): void {
    for (const { host, covered } of hosts) {
      const first = Math.max(0, (host.seen.first - span.from) / HOUR_MS)
      for (let at = first; at < hours; at++) {
        const unixMs = span.from + at * HOUR_MS
        const place = placeAt(host, unixMs)
        if (!this.holds(place)) continue
        for (const tally of [this.total, this.#row(this.#labelOf(host, place, unixMs))]) {
          tally.expectedMs += HOUR_MS
          tally.coveredMs += HOUR_MS * (covered[at] ?? 0)
        }
      }
    }
  }

  get rows(): Row[] {
    return [...this.#rows]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([label, tally]) => ({ label, keys: { [this.#by]: label }, figures: tally.figures }))
  }

  #row(label: string): FleetTally {
    const known = this.#rows.get(label) ?? new FleetTally()
    this.#rows.set(label, known)
    return known
  }

  #labelOf(host: Host, place: Place | null, unixMs: number): string {
    const by = this.#by
    if (by === 'host') return host.node
    if (by === 'hour' || by === 'day' || by === 'month') return utc(unixMs).slice(0, CHARACTERS[by])
    const at = place === null ? undefined : pathOf(place).find(({ level }) => level === (by as Level))
    return at?.name ?? `without ${by}`
  }
}
