import { HOUR_MS } from '../../model/time.ts'
import type { FleetLedger } from '../ledger/fleet-ledger.ts'
import type { Meter, Place, Topology } from '../topology.ts'
import { type Host, type HostHour, HostHours } from './host-hours.ts'

/** Parts of an hour that are covered count as the whole of it. */
export const WHOLE = 0.99

export interface AccountSpan {
  readonly from: number
  readonly until: number
}

/** What is known of a host, hour by hour. */
export interface HostSeries {
  readonly host: Host
  /** Joules; NaN where not known, or known only in a sum of hours. */
  readonly joules: Float64Array
  /** Part of the hour that is covered. */
  readonly covered: Float32Array
  /** 1 where the energy is an even share of several hours. */
  readonly spread: Uint8Array
  /** Standard deviation, in joules. */
  readonly deviation: Float64Array
  /** Shares of its chips, idle and beyond; NaN where nobody splits the hour. */
  readonly chipIdle: Float32Array
  readonly chipDynamic: Float32Array
  isModelled: boolean
  energyUj: bigint
}

export interface MeterSeries {
  readonly meter: Meter
  /** Joules or litres; NaN where nothing was read. */
  readonly amounts: Float64Array
  readonly covered: Float32Array
  falls: number
  spreadMs: number
  total: bigint
}

/** All that the ledger has of a time, by the hour. */
export interface FleetAccount {
  readonly topology: Topology
  readonly span: AccountSpan
  readonly hours: number
  readonly hosts: readonly HostSeries[]
  readonly meters: ReadonlyMap<Meter, MeterSeries>
}

/** Draws up the account of a time. `take` gets each hour of each host as it becomes known. */
export function readAccount(
  ledger: FleetLedger,
  topology: Topology,
  span: AccountSpan,
  take: (hour: HostHour) => void = () => {},
): FleetAccount {
  const hours = (span.until - span.from) / HOUR_MS
  const hosts = new Map<Host, HostSeries>()
  const differences = new HostHours(topology)
  for (const state of ledger.states(span.from, span.until + 1)) {
    for (const hour of differences.add(state)) {
      if (hour.hourUnixMs < span.from || hour.hourUnixMs >= span.until) continue
      enter(hostIn(hosts, hour.host, hours), hour, (hour.hourUnixMs - span.from) / HOUR_MS)
      take(hour)
    }
  }
  for (const host of differences.hosts.values()) hostIn(hosts, host, hours)
  return { topology, span, hours, hosts: [...hosts.values()], meters: metersOf(ledger, topology, span, hours) }
}

function hostIn(hosts: Map<Host, HostSeries>, host: Host, hours: number): HostSeries {
  const known = hosts.get(host)
  if (known !== undefined) return known
  const series = {
    host,
    joules: new Float64Array(hours).fill(Number.NaN),
    covered: new Float32Array(hours),
    spread: new Uint8Array(hours),
    deviation: new Float64Array(hours),
    chipIdle: new Float32Array(hours).fill(Number.NaN),
    chipDynamic: new Float32Array(hours).fill(Number.NaN),
    isModelled: false,
    energyUj: 0n,
  }
  hosts.set(host, series)
  return series
}

function enter(series: HostSeries, hour: HostHour, at: number): void {
  const joules = Number(hour.energyUj) / 1e6
  series.energyUj += hour.energyUj
  series.isModelled = hour.isModelled
  series.covered[at] = hour.coveredMs / HOUR_MS
  series.spread[at] = Number(hour.isSpread)
  series.joules[at] = hour.isSpread ? Number.NaN : joules
  series.chipIdle[at] = hour.chips?.idle ?? Number.NaN
  series.chipDynamic[at] = hour.chips?.dynamic ?? Number.NaN
  series.deviation[at] = (joules * hour.uncertainty) / 2
}

function metersOf(ledger: FleetLedger, { meters }: Topology, { from, until }: AccountSpan, hours: number) {
  const all = new Map<Meter, MeterSeries>()
  for (const meter of meters.values()) {
    const amounts = new Float64Array(hours).fill(Number.NaN)
    all.set(meter, { meter, amounts, covered: new Float32Array(hours), falls: 0, spreadMs: 0, total: 0n })
  }
  for (const { meter: name, hourUnixMs, amount, coveredMs, spreadMs, falls } of ledger.meterHours(from, until)) {
    const series = all.get(meters.get(name) as Meter)
    if (series === undefined) continue
    const at = (hourUnixMs - from) / HOUR_MS
    series.total += amount
    series.falls += falls
    series.spreadMs += spreadMs
    series.covered[at] = coveredMs / HOUR_MS
    if (coveredMs + spreadMs > 0) series.amounts[at] = Number(amount) / 1e6
  }
  return all
}

/** The place of a host at an hour, as it or the file told by then. */
export function placeAt({ places }: Host, unixMs: number): Place | null {
  let at = places[0]?.place ?? null
  for (const { place, sinceUnixMs } of places) if (sinceUnixMs <= unixMs) at = place
  return at
}

/** Whether a meter is there in a part of a time at least. */
export function isThere({ sinceUnixMs, untilUnixMs }: Meter, { from, until }: AccountSpan): boolean {
  return until > (sinceUnixMs ?? -Infinity) && from < (untilUnixMs ?? Infinity)
}

/** The hour at an index. */
export function hourAt({ span }: FleetAccount, at: number): AccountSpan {
  return { from: span.from + at * HOUR_MS, until: span.from + (at + 1) * HOUR_MS }
}

/** Joules of an hour, or litres; the variance in their square. */
export interface Measured {
  readonly value: number
  readonly variance: number
}

/** What meters that are there tell of an hour together; null where one of them did not cover it, or where there is none. */
export function metered(meters: readonly Meter[], account: FleetAccount, at: number): Measured | null {
  const hour = hourAt(account, at)
  const there = meters.filter((meter) => isThere(meter, hour))
  let [value, variance] = [0, 0]
  for (const meter of there) {
    const series = account.meters.get(meter)
    const amount = series?.amounts[at] ?? Number.NaN
    if (Number.isNaN(amount) || (series?.covered[at] ?? 0) < WHOLE) return null
    value += amount
    variance += ((amount * meter.uncertaintyRatio) / 2) ** 2
  }
  return there.length === 0 ? null : { value, variance }
}
