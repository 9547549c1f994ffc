import { HOUR_MS } from '../../src/model/time.ts'

/** A made-up site whose truth is known: what each machine draws, and what goes wrong. Deterministic. */
export interface MadeHost {
  readonly node: string
  /** Where it stands, which may be another place than its label says. */
  readonly rack: string
  readonly label?: string
  readonly machine?: string
  /** Hours in which it tells which machine it is: an older agent does not. */
  readonly tellsMachine?: (hour: number) => boolean
  /** The label that it tells from an hour on. */
  readonly moved?: { readonly label: string; readonly fromHour: number }
  readonly instance?: string
  /** What its meter shows over what it draws, from an hour on. */
  readonly lie?: { readonly factor: number; readonly fromHour: number }
  /** Hours in which nothing was scraped. */
  readonly isHeard?: (hour: number) => boolean
  /** False where its agent does not attribute. */
  readonly isSplit?: boolean
  /** Hours that its agent did not run. */
  readonly isDown?: (hour: number) => boolean
}

export interface MadeSite {
  readonly startUnixMs: number
  readonly hours: number
  readonly hosts: readonly MadeHost[]
  readonly racks: readonly string[]
}

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const STEP_MS = 60_000

/** Watts of a host: its own day, its own noise. */
export function wattsOf({ hosts }: MadeSite, host: MadeHost, hour: number): number {
  const n = hosts.findIndex(({ node }) => node === host.node)
  return 300 + 20 * n + 120 * Math.sin((hour / 24) * 2 * Math.PI + n) + 60 * Math.sin(hour * (1.3 + 0.37 * n))
}

const totals = new WeakMap<MadeHost, number[]>()

/** What a host's ledger has had at the end of each hour. */
function joulesUntil(site: MadeSite, host: MadeHost, hour: number): number {
  const known = totals.get(host) ?? [1e6]
  totals.set(host, known)
  for (let at = known.length - 1; at < hour; at++) {
    const lie = host.lie !== undefined && at >= host.lie.fromHour ? host.lie.factor : 1
    known.push((known[at] ?? 0) + (host.isDown?.(at) ? 0 : wattsOf(site, host, at) * 3600 * lie))
  }
  return Math.round((known[Math.max(0, hour)] ?? 0) * 1e3) / 1e3
}

/** Of a machine, whatever it does. */
export const STATE_SHARES = [
  ['processors', 'idle', 0.25],
  ['processors', 'dynamic', 0.35],
  ['memory', 'idle', 0.05],
  ['memory', 'dynamic', 0.05],
  ['rest', 'idle', 0.2],
  ['rest', 'dynamic', 0.1],
] as const

/** What hosts tell at a moment. */
export function hostSamples(site: MadeSite, unixMs: number): Sample[] {
  const at = (unixMs - site.startUnixMs) / HOUR_MS
  const hour = Math.floor(at)
  return site.hosts.flatMap((host) => {
    if (host.isHeard?.(at) === false || host.isDown?.(hour)) return []
    const { node, instance = `${node}:10910`, machine = machineOf(node), rack, label = rack } = host
    const target = { job: 'wattledger', instance }
    // An hour is closed some minutes after its end.
    const closed = at - hour >= 0.25 ? hour : hour - 1
    const joules = joulesUntil(site, host, closed)
    const down = Array.from({ length: Math.max(0, hour) }, (_, n) => n).filter((n) => host.isDown?.(n)).length
    const sample = (name: string, value: number, labels = {}) => ({
      name: `wattledger_${name}`,
      labels: { ...target, ...labels },
      value,
    })
    return [
      sample('node_info', 1, {
        node,
        meter: 'dcmi',
        ...(host.tellsMachine?.(at) === false ? {} : { machine }),
        rack: host.moved !== undefined && at >= host.moved.fromHour ? host.moved.label : label,
      }),
      sample('settled_energy_joules_total', joules, { tenant: '' }),
      sample('settled_until_timestamp_seconds', site.startUnixMs / 1e3 + closed * 3600),
      sample('settled_co2e_grams_total', Math.round((joules / 3.6e6) * 400 * 1e6) / 1e6, {
        tenant: '',
        scope: '2',
        basis: 'location',
        ef_basis: 'direct',
      }),
      sample('settled_co2e_grams_total', Math.round(closed * 1e7) / 1e6, {
        tenant: '',
        scope: '3',
        basis: 'embodied',
        ef_basis: 'life-cycle',
      }),
      ...(host.isSplit === false ? [] : STATE_SHARES).map(([part, state, share]) =>
        sample('node_part_state_energy_joules_total', share * joulesUntil(site, host, hour), { part, state }),
      ),
      sample('node_unaccounted_seconds_total', 3600 * down),
      sample('node_energy_uncertainty_ratio', 0.02),
    ]
  })
}

/** Watts of a rack's meter: its hosts as they are, and one per cent for cables. */
export function rackWatts(site: MadeSite, rack: string, unixMs: number): number {
  const hour = Math.floor((unixMs - site.startUnixMs) / HOUR_MS)
  const hosts = site.hosts.filter((host) => host.rack === rack && !host.isDown?.(hour))
  return 1.01 * hosts.reduce((sum, host) => sum + wattsOf(site, host, hour), 0)
}

const mains = new WeakMap<MadeSite, number[]>()

/** Joules of the main until a moment: racks, six per cent lost on the way, and cooling of a third. */
export function mainJoules(site: MadeSite, unixMs: number): number {
  const at = (unixMs - site.startUnixMs) / HOUR_MS
  const known = mains.get(site) ?? [5e6]
  mains.set(site, known)
  const watts = (hour: number) => siteWatts(site, hour) + coolingWatts(site, hour)
  for (let hour = known.length - 1; hour < Math.floor(at); hour++) known.push((known[hour] ?? 0) + 3600 * watts(hour))
  const hour = Math.floor(at)
  return (known[hour] ?? 0) + 3600 * (at - hour) * watts(hour)
}

function siteWatts(site: MadeSite, hour: number): number {
  return site.racks.reduce((sum, rack) => sum + rackWatts(site, rack, site.startUnixMs + hour * HOUR_MS), 0) / 0.94
}

export function coolingWatts(site: MadeSite, hour: number): number {
  return siteWatts(site, hour) / 3
}

export function machineOf(node: string): string {
  return Buffer.from(node.padEnd(16, '.')).toString('hex').slice(0, 32)
}

export function topologyOf({ racks }: MadeSite, more = ''): string {
  return `places:
  fra1: { level: campus }
${racks.map((rack) => `  ${rack}: { level: rack, in: fra1${more} }`).join('\n')}
meters:
  main: { measures: main, place: fra1, series: site_joules_total, unit: J, uncertainty: 0.005 }
  crac: { measures: cooling, place: fra1, behind: main, series: crac_watts, unit: W, uncertainty: 0.01 }
${racks.map((rack) => `  pdu-${rack}: { measures: pdu, place: ${rack}, behind: main, series: 'pdu_watts{rack="${rack}"}', unit: W, uncertainty: 0.01 }`).join('\n')}
`
}

/** Samples of one of the site's meters, in a time. */
export function meterSamples(
  site: MadeSite,
  series: string,
  fromUnixMs: number,
  untilUnixMs: number,
): [number, number][] {
  const samples: [number, number][] = []
  const end = site.startUnixMs + site.hours * HOUR_MS
  const first = Math.max(site.startUnixMs, Math.ceil(fromUnixMs / STEP_MS) * STEP_MS)
  for (let at = first; at <= Math.min(untilUnixMs, end); at += STEP_MS) samples.push([at, meterValue(site, series, at)])
  return samples
}

function meterValue(site: MadeSite, series: string, unixMs: number): number {
  const rack = /rack="(.+?)"/.exec(series)?.[1]
  if (rack !== undefined) return rackWatts(site, rack, unixMs)
  if (series.startsWith('crac')) return coolingWatts(site, Math.floor((unixMs - site.startUnixMs) / HOUR_MS))
  return mainJoules(site, unixMs)
}
