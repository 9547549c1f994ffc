import type { Command } from 'commander'

/** What `export` is told. Declared apart, so that the help need not load the ledger. */
export function declareExport(command: Command): void {
  command
    .option('--view <name>', 'the view, such as node_hourly; docs/ledger.md has them all (default: node_hourly)')
    .option('--format <format>', 'as csv, jsonl, openmetrics or parquet (default: csv)')
    .option('--from <time>', 'first UTC day or time, such as 2026-11-01 or 2026-11-01T06:00:00Z (default: the oldest)')
    .option('--to <time>', 'the UTC day or time that ends it, which is no part of it (default: the newest)')
    .option(
      '--label <name=value>',
      'label of each series of openmetrics, such as instance=db-17:10910; may be given again',
      (label: string, before: readonly string[] = []) => [...before, label],
    )
    .option('--out <file>', 'write a file, which appears once it is whole (default: standard output)')
    .option('--force', 'overwrite the file')
}
