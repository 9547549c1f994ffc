import type { Command } from 'commander'
import { type Target, targetOf } from './new-file.ts'

/** What stands behind each command of `fleet` that asks Prometheus, as typed. */
export interface FleetOptions {
  readonly from: string | null
  readonly to: string | null
  readonly month: string | null
  readonly topology: string | null
  readonly prometheus: string | null
  readonly format: string
  readonly target: Target | null
}

export function declareFleet(command: Command): void {
  command
    .option('--from <time>', 'first hour: a UTC day or an RFC 3339 time (default: the month that runs)')
    .option('--to <time>', 'end, which is not included (default: that of the last closed hour)')
    .option('--month <month>', 'a UTC month, such as 2026-10, instead of --from and --to')
    .option('--topology <file>', 'where hosts stand and what measures there (default: fleet.topology)')
    .option('--prometheus <url>', 'the server that is asked (default: fleet.prometheus.url)')
    .option('--format <format>', 'as table, csv, json, md, html or pdf (default: table)')
    .option('--out <file>', 'write to a file, which must not exist, instead of standard output')
    .option('--force', 'overwrite the file of --out')
}

/** Of `fleet report`, besides. */
export function declareFleetReport(command: Command): void {
  command
    .option('--by <view>', 'rows by campus, room, row, rack, host, hour, day or month (default: rack)')
    .option('--place <name>', 'only what is in this place of the topology file')
    .option('--facts <file>', 'Scope 1, targets, scenarios and what the EU asks: docs/fleet-reports.md')
  declareFleet(command)
}

/** @throws UsageError */
export function fleetOptions(typed: Readonly<Record<string, unknown>>): FleetOptions {
  const text = (name: string) => (typeof typed[name] === 'string' ? typed[name] : null)
  return {
    from: text('from'),
    to: text('to'),
    month: text('month'),
    topology: text('topology'),
    prometheus: text('prometheus'),
    format: text('format') ?? 'table',
    target: targetOf(typed),
  }
}
