import type { Command } from 'commander'

/** Declares what stands behind `fleet allocate`. */
export function declareFleetAllocate(command: Command): void {
  command
    .option('--from <time>', 'first hour: a UTC day or an RFC 3339 time (default: the month that runs)')
    .option('--to <time>', 'end, which is not included (default: that of the hour that runs)')
    .option('--month <month>', 'a UTC month, such as 2026-10, instead of --from and --to')
    .option('--prometheus <url>', 'the server that queries of the plan go to (default: fleet.prometheus.url)')
    .option('--format <format>', 'as table, csv, json, md, html, pdf or svg: a picture of the flow (default: table)')
    .option('--out <file>', 'write to a file, which must not exist, instead of standard output')
    .option('--force', 'overwrite the file of --out')
}
