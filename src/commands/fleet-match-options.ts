import type { Command } from 'commander'
import { UsageError } from '../model/usage-error.ts'
import { type Target, targetOf } from './new-file.ts'

/** What stands behind `fleet match`, as typed. */
export interface FleetMatchOptions {
  readonly certificates: readonly string[]
  readonly load: string
  readonly grid: string | null
  readonly residual: string | null
  readonly deliverable: readonly (readonly [zone: string, from: string])[]
  readonly beneficiary: string | null
  readonly by: string
  readonly format: string
  readonly target: Target | null
}

export function declareFleetMatch(command: Command): void {
  command
    .option('--certificates <file...>', 'certificates by the fields of EnergyTag, CSV or JSON')
    .option('--load <file>', 'consumption of the sites: zone,start,end,kwh and, if any is by profile, kind')
    .option('--grid <file>', 'carbon-free share of the grids: zone,start,end,cfe, for the 24/7 CFE score')
    .option('--residual <file>', 'residual mix of the grids, as an intensity file, for emissions by market')
    .option('--deliverable <from:to...>', 'zones whose certificates count in another zone, such as DE:AT')
    .option('--beneficiary <name>', 'count only what was cancelled for this name')
    .option('--by <view>', 'rows by hour, day, month or zone (default: month)')
    .option('--format <format>', 'table, csv, json, md, html or pdf (default: table)')
    .option('--out <file>', 'write to a file, which must not exist, instead of standard output')
    .option('--force', 'overwrite the file of --out')
}

/** @throws UsageError */
export function fleetMatchOptions(typed: Readonly<Record<string, unknown>>): FleetMatchOptions {
  const text = (name: string) => (typeof typed[name] === 'string' ? typed[name] : null)
  const list = (name: string) => (Array.isArray(typed[name]) ? typed[name].map(String) : [])
  const certificates = list('certificates')
  const load = text('load')
  if (certificates.length === 0) throw new UsageError('--certificates: expected a file of certificates')
  if (load === null) throw new UsageError('--load: expected a file of consumption')
  return {
    certificates,
    load,
    grid: text('grid'),
    residual: text('residual'),
    deliverable: list('deliverable').map(routeOf),
    beneficiary: text('beneficiary'),
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
