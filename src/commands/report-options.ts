import type { Command } from 'commander'
import { type Target, targetOf } from './new-file.ts'

/** What stands behind `report`, as typed. */
export interface ReportOptions {
  readonly from: string | null
  readonly to: string | null
  readonly month: string | null
  readonly by: string | null
  readonly tenant: string | null
  readonly format: string | null
  readonly target: Target | null
  readonly made: boolean
}

/** Declares what stands behind `report`. */
export function declareReport(command: Command): void {
  command
    .option('--from <time>', 'first hour: a UTC day or an RFC 3339 time (default: the month that runs)')
    .option('--to <time>', 'end, which is not included (default: that of the hour that runs)')
    .option('--month <month>', 'a UTC month, such as 2026-10, instead of --from and --to')
    .option('--by <view>', 'rows by hour, day, month, part, consumer or tenant (default: day)')
    .option('--tenant <name>', 'the statement of a tenant, by consumer, day or month (default: consumer)')
    .option(
      '--format <format>',
      'as table, csv, json, md, html, pdf or if: a manifest of the Impact Framework (default: table)',
    )
    .option('--out <file>', 'write to a file, which must not exist, instead of standard output')
    .option('--force', 'overwrite the file of --out')
    .option('--made', 'tell when the report was made, so that no two are the same')
}

/** @throws UsageError */
export function reportOptions(typed: Readonly<Record<string, unknown>>): ReportOptions {
  const text = (name: string) => (typeof typed[name] === 'string' ? typed[name] : null)
  return {
    from: text('from'),
    to: text('to'),
    month: text('month'),
    by: text('by'),
    tenant: text('tenant'),
    format: text('format'),
    target: targetOf(typed),
    made: typed.made === true,
  }
}
