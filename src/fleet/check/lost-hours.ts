import { HOUR_MS } from '../../model/time.ts'
import { type FleetAccount, type HostSeries, placeAt, WHOLE } from '../account/account.ts'
import type { Place } from '../topology.ts'

/** A run of hours that a host lacks, or that all hosts of a place lack. */
export interface LostHours {
  /** Without energy of their own, or with time that is not covered. */
  readonly kind: 'lost' | 'uncovered'
  readonly where: string
  readonly hosts: number
  readonly fromUnixMs: number
  readonly untilUnixMs: number
  /** Host hours. */
  readonly hours: number
}

/**
 * Hours that are lacking between the first and the last time that a host was heard, the outermost place first of which all
 * hosts lack them: what Prometheus lost is said once, and not for each host.
 */
export function lostHours(account: FleetAccount): LostHours[] {
  const within = hostsWithin(account)
  return (['lost', 'uncovered'] as const).flatMap((kind) => {
    const lacking = new Map(account.hosts.map((series) => [series, lackingOf(series, account, kind)]))
    const found: LostHours[] = []
    for (const place of outsideIn(account.topology.roots)) {
      const hosts = within.get(place) ?? []
      if (hosts.length < 2) continue
      const shared = Array.from({ length: account.hours }, (_, at) =>
        hosts.every((one) => lacking.get(one)?.[at] === 1),
      )
      found.push(...runsOf(shared, kind, place.name, hosts.length, account.span.from))
      for (const one of hosts) {
        const own = lacking.get(one)
        for (const [at, isShared] of shared.entries()) if (isShared && own !== undefined) own[at] = 0
      }
    }
    for (const [{ host }, own] of lacking) {
      found.push(
        ...runsOf(
          [...own].map((one) => one === 1),
          kind,
          host.node,
          1,
          account.span.from,
        ),
      )
    }
    return found
  })
}

/** Hosts by each place around where they stand at the end of the time. */
function hostsWithin({ hosts }: FleetAccount): ReadonlyMap<Place, readonly HostSeries[]> {
  const within = new Map<Place, HostSeries[]>()
  for (const series of hosts) {
    for (let place = placeAt(series.host, Infinity); place !== null; place = place.parent) {
      const own = within.get(place) ?? []
      own.push(series)
      within.set(place, own)
    }
  }
  return within
}

function lackingOf(
  { host, joules, covered, spread }: HostSeries,
  { span, hours }: FleetAccount,
  kind: LostHours['kind'],
) {
  const own = new Uint8Array(hours)
  const first = Math.max(0, (host.seen.first - span.from) / HOUR_MS)
  const last = Math.min(hours, (host.seen.last - span.from) / HOUR_MS)
  for (let at = first; at < last; at++) {
    const isKnown = !Number.isNaN(joules[at] ?? Number.NaN)
    // Of hours that are known by their sum, coverage is, too.
    const isUncovered = (isKnown || spread[at] === 1) && (covered[at] ?? 0) < WHOLE
    own[at] = Number(kind === 'lost' ? !isKnown : isUncovered)
  }
  return own
}

function runsOf(
  is: readonly boolean[],
  kind: LostHours['kind'],
  where: string,
  hosts: number,
  from: number,
): LostHours[] {
  const runs: LostHours[] = []
  for (let at = 0; at < is.length; at++) {
    if (!is[at]) continue
    let end = at
    while (is[end]) end += 1
    const [fromUnixMs, untilUnixMs] = [from + at * HOUR_MS, from + end * HOUR_MS]
    runs.push({ kind, where, hosts, fromUnixMs, untilUnixMs, hours: hosts * (end - at) })
    at = end
  }
  return runs
}

function* outsideIn(places: readonly Place[]): Generator<Place> {
  for (let level = places; level.length > 0; level = level.flatMap(({ children }) => children)) yield* level
}
