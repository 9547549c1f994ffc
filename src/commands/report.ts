import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { UNASSIGNED } from '../attribution/tenants.ts'
import { type Config, loadConfig } from '../config/loader.ts'
import { ReportRows } from '../ledger/report-rows.ts'
import { labelsFrom } from '../machine/labels.ts'
import { FORMATS, type Format, textOf } from '../report/format/formats.ts'
import { makeReport, type Wanted } from '../report/make-report.ts'
import type { Report } from '../report/report.ts'
import { ReportFault } from '../report/report-fault.ts'
import { VIEWS } from '../report/rows.ts'
import { spanOf } from '../report/span.ts'
import { createTariff } from '../report/tariff.ts'
import { SealFolder } from '../seal/seal-folder.ts'
import { EX_OK, EX_USAGE } from './exit-codes.ts'
import { ProgressLine } from './progress-line.ts'
import { notOneOf, oneOf, type ReportOptions, reportOptions } from './report-options.ts'
import { refuseExisting, writeReport } from './report-output.ts'
import type { Context, Output } from './run.ts'

export interface ReportContext extends Pick<Context, 'file' | 'env' | 'version' | 'unixMs' | 'options'> {
  readonly stdout: NodeJS.WritableStream
  readonly stderr: Output
}

/** Of how energy is split among consumers (docs/decisions/attribution.md): it grows when the same use gets another share. */
const ALLOCATION_VERSION = 1

/**
 * Reports a time of the ledger. 2: it was asked for in a way that makes no sense. Throws a ConfigFault, a StoreError or a
 * ReportFault; then nothing is written.
 */
export async function report(context: ReportContext): Promise<number> {
  const options = reportOptions(context.options ?? {})
  try {
    await reported(context, options)
    return EX_OK
  } catch (error) {
    if (!(error instanceof ReportFault && error.code === 'REPORT_USAGE')) throw error
    context.stderr.write(`error: ${error.message}\n`)
    return EX_USAGE
  }
}

async function reported(context: ReportContext, options: ReportOptions): Promise<void> {
  const format = chosen('--format', FORMATS, options.format ?? 'table')
  const wanted = wantedOf(options, context.unixMs())
  requireFile(format, options)
  const config = loadConfig(context.file, context.env)
  const ledger = join(config.paths.state, 'ledger.db')
  if (options.out !== null && resolve(options.out).startsWith(resolve(ledger))) {
    throw new ReportFault('REPORT_USAGE', `--out: ${options.out} is of the ledger: choose another name`)
  }
  // Before the work, which may take seconds.
  if (options.out !== null && !options.force) refuseExisting(options.out)
  const made = make(context, config, wanted, options.made)
  await writeReport(made, format, { ...options, stdout: context.stdout, env: context.env, render: textOf })
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
    throw new ReportFault(
      'REPORT_USAGE',
      '--by hour: expected a time of at most 400 days, since it has a row for each hour',
    )
  }
  return { span, by, tenant }
}

function chosen<Name extends string>(option: string, names: readonly Name[], typed: string): Name {
  const name = oneOf(names, typed)
  if (name === null) throw new ReportFault('REPORT_USAGE', notOneOf(option, names, typed))
  return name
}

function requireFile(format: Format, { out, force }: ReportOptions): void {
  if (format === 'pdf' && out === null) throw new ReportFault('REPORT_USAGE', '--format pdf: expected --out FILE')
  if (out === '') throw new ReportFault('REPORT_USAGE', '--out: expected a file')
  if (force && out === null) throw new ReportFault('REPORT_USAGE', '--force: expected --out FILE')
}

function make(context: ReportContext, config: Config, wanted: Wanted, isTimed: boolean): Report {
  const tariff = createTariff(config.report.tariff)
  const seals = new SealFolder(config.paths.state)
  const rows = new ReportRows(join(config.paths.state, 'ledger.db'))
  const line = new ProgressLine(context.stderr, 'Reading the ledger')
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
    labels: labelsFrom(node.labels, config.paths.sysfs).labels,
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
