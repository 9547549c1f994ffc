import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { UNASSIGNED } from '../attribution/tenants.ts'
import { type Config, loadConfig } from '../config/loader.ts'
import { ReportRows } from '../ledger/report-rows.ts'
import { UsageError } from '../model/usage-error.ts'
import { FORMATS, type Format, textOf } from '../report/format/formats.ts'
import { makeReport, type Wanted } from '../report/make-report.ts'
import type { Report } from '../report/report.ts'
import { VIEWS } from '../report/rows.ts'
import { spanOf } from '../report/span.ts'
import { createTariff } from '../report/tariff.ts'
import { SealFolder } from '../seal/seal-folder.ts'
import { chosen } from './choice.ts'
import { EX_OK } from './exit-codes.ts'
import { NewFile } from './new-file.ts'
import { Progress } from './progress.ts'
import { type ReportOptions, reportOptions } from './report-options.ts'
import { writeReport } from './report-output.ts'
import type { Context, Output } from './run.ts'

export interface ReportContext extends Pick<Context, 'file' | 'env' | 'version' | 'unixMs' | 'options'> {
  readonly stdout: NodeJS.WritableStream
  readonly stderr: Output
}

/** Of how energy is split among consumers (docs/decisions/attribution.md): it grows when the same use gets another share. */
const ALLOCATION_VERSION = 1

/** Reports a time of the ledger. Throws a UsageError, a ConfigFault, a StoreError or a ReportFault; then nothing is written. */
export async function report(context: ReportContext): Promise<number> {
  const options = reportOptions(context.options ?? {})
  const format = chosen('--format', FORMATS, options.format ?? 'table')
  const wanted = wantedOf(options, context.unixMs())
  if (format === 'pdf' && options.target === null) throw new UsageError('--format pdf: expected --out FILE')
  const config = loadConfig(context.file, context.env)
  const file = options.target && NewFile.at(options.target, config.paths.state)
  const made = make(context, config, wanted, options.made)
  await writeReport<Format>((as) => textOf(made, as), format, { file, stdout: context.stdout, env: context.env })
  return EX_OK
}

function wantedOf(options: ReportOptions, nowUnixMs: number): Wanted {
  const { tenant } = options
  const views = tenant === null ? VIEWS : (['consumer', 'day', 'month'] as const)
  const by = chosen(
    tenant === null ? '--by' : '--by with --tenant',
    views,
    options.by ?? (tenant === null ? 'day' : 'consumer'),
  )
  const span = spanOf(options, nowUnixMs)
  const longest = 400 * 86_400_000
  if (by === 'hour' && span.until - span.from > longest) {
    throw new UsageError('--by hour: expected a time of at most 400 days, since it has a row for each hour')
  }
  return { span, by, tenant }
}

function make(context: ReportContext, config: Config, wanted: Wanted, isTimed: boolean): Report {
  const tariff = createTariff(config.report.tariff)
  const seals = new SealFolder(config.paths.state)
  const rows = new ReportRows(join(config.paths.state, 'ledger.db'))
  const line = new Progress(context.stderr, 'Reading the ledger')
  try {
    return makeReport({
      rows,
      wanted,
      tariff,
      unassigned: UNASSIGNED,
      about: { ...aboutOf(context, config, isTimed), seal: seals.headWithin(wanted.span.from, wanted.span.until) },
      onProgress: (done) => line.show(done),
    })
  } finally {
    line.clear()
    rows.close()
  }
}

function aboutOf({ version, unixMs }: ReportContext, config: Config, isTimed: boolean) {
  const { node, sensors, carbon, attribution } = config
  return {
    organisation: config.report.organisation,
    site: config.report.site,
    node: node.name ?? hostname(),
    labels: node.labels,
    version,
    configSha256: digest({ node, sensors, carbon, attribution }),
    allocation: {
      version: ALLOCATION_VERSION,
      rulesSha256: digest(attribution.tenants),
      rules: attribution.tenants.length,
      unallocated: attribution.unallocated,
    },
    madeUnixMs: isTimed ? unixMs() : null,
  }
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}
