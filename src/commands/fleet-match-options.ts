import { resolve } from 'node:path'
import type { Command } from 'commander'
import { UsageError } from '../model/usage-error.ts'
import { type Target, targetOf } from './new-file.ts'

/** What stands behind `fleet match`, as typed. */
export interface FleetMatchOptions {
  readonly certificates: readonly string[]
  /** A file; null reads the consumption of a place from Prometheus. */
  readonly load: string | null
  readonly place: string | null
  readonly zone: string | null
  readonly grid: string | null
  readonly residual: string | null
  readonly deliverable: readonly (readonly [zone: string, from: string])[]
  readonly beneficiary: string | null
  /** Whose consumption it is, for the register of what certificates were used for. */
  readonly claimant: string
  readonly isTrial: boolean
  readonly by: string
  readonly format: string
  readonly target: Target | null
}

export function declareFleetMatch(command: Command): void {
  command
    .option('--certificates <file...>', 'certificates by the fields of EnergyTag, CSV or JSON')
    .option('--load <file>', 'consumption of the sites: zone,start,end,kwh and, if any is by profile, kind')
    .option('--place <name>', 'instead of --load: the place of the topology file whose consumption Prometheus has')
    .option('--zone <name>', 'with --place: the zone whose grid supplies it')
    .option('--from <time>', 'with --place: first hour (default: the month that runs)')
    .option('--to <time>', 'with --place: end, which is not included (default: that of the last closed hour)')
    .option('--month <month>', 'with --place: a UTC month, such as 2026-10')
    .option('--topology <file>', 'with --place: where hosts stand and what measures there (default: fleet.topology)')
    .option('--prometheus <url>', 'with --place: the server that is asked (default: fleet.prometheus.url)')
    .option('--grid <file>', 'carbon-free share of the grids: zone,start,end,cfe, for the 24/7 CFE score')
    .option('--residual <file>', 'residual mix of the grids, as an intensity file, for emissions by market')
    .option('--deliverable <from:to...>', 'zones whose certificates count in another zone, such as DE:AT')
    .option('--beneficiary <name>', 'count only what was cancelled for this name')
    .option(
      '--claimant <name>',
      'whose consumption it is, by which certificates are used once (default: place or file)',
    )
    .option('--trial', 'match without a record of what was used')
    .option('--by <view>', 'rows by hour, day, month or zone (default: month)')
    .option('--format <format>', 'as table, csv, json, md, html or pdf (default: table)')
    .option('--out <file>', 'write to a file, which must not exist, instead of standard output')
    .option('--force', 'overwrite the file of --out')
}

/** @throws UsageError */
export function fleetMatchOptions(typed: Readonly<Record<string, unknown>>): FleetMatchOptions {
  const text = (name: string) => (typeof typed[name] === 'string' ? typed[name] : null)
  const list = (name: string) => (Array.isArray(typed[name]) ? typed[name].map(String) : [])
  const certificates = list('certificates')
  const [load, place, zone] = [text('load'), text('place'), text('zone')]
  if (certificates.length === 0) throw new UsageError('--certificates: expected a file of certificates')
  if (load === null && place === null)
    throw new UsageError('--load: expected a file of consumption, or --place instead')
  if (load !== null && place !== null) throw new UsageError('--load: expected without --place, or --place instead')
  if (place !== null && zone === null) throw new UsageError('--zone: expected the zone whose grid supplies --place')
  return {
    certificates,
    load,
    place,
    zone,
    grid: text('grid'),
    residual: text('residual'),
    deliverable: list('deliverable').map(routeOf),
    beneficiary: text('beneficiary'),
    claimant: text('claimant') ?? place ?? resolve(load ?? ''),
    isTrial: typed.trial === true,
    by: text('by') ?? 'month',
    format: text('format') ?? 'table',
    target: targetOf(typed),
  }
}

function routeOf(typed: string): readonly [zone: string, from: string] {
  const [from = '', zone = '', ...more] = typed.split(':')
  if (from === '' || zone === '' || more.length > 0) {
    throw new UsageError(`--deliverable: expected FROM:TO, such as DE:AT, received ${JSON.stringify(typed)}`)
  }
  return [zone, from]
}
