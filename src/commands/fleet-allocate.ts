import { loadConfig } from '../config/loader.ts'
import { type Allocation, allocate } from '../fleet/allocate/allocate.ts'
import { allocationCsv, allocationJson } from '../fleet/allocate/data.ts'
import { allocationDocument } from '../fleet/allocate/document.ts'
import { hasQueries, NO_QUERIES, readInputs } from '../fleet/allocate/read-inputs.ts'
import { readPlan } from '../fleet/allocate/read-plan.ts'
import { sankeySvg } from '../fleet/allocate/sankey.ts'
import type { InstantQueries } from '../fleet/allocate/term-lines.ts'
import { FleetFault } from '../fleet/fleet-fault.ts'
import type { PrometheusSettings } from '../fleet/schema.ts'
import { UsageError } from '../model/usage-error.ts'
import { COMMON_FORMATS, documentText } from '../report/format/document-formats.ts'
import { spanOf } from '../report/span.ts'
import { chosen } from './choice.ts'
import { EX_OK } from './exit-codes.ts'
import { prometheusAt, type ServerContext, serverUrl } from './fleet-server.ts'
import { NewFile, targetOf } from './new-file.ts'
import { Progress } from './progress.ts'
import { writeReport } from './report-output.ts'
import type { Context, Output } from './run.ts'

export interface FleetAllocateContext extends Pick<Context, 'file' | 'argument' | 'options'>, ServerContext {
  readonly stdout: NodeJS.WritableStream
  readonly stderr: Output
  readonly signals: () => { readonly stop: AbortSignal }
}

const FORMATS = [...COMMON_FORMATS, 'svg'] as const
type Format = (typeof FORMATS)[number]

/** Divides a fleet's energy by a plan. Throws a UsageError, a ConfigFault or a FleetFault; then nothing is written. */
export async function fleetAllocate(context: FleetAllocateContext): Promise<number> {
  const { file, env, argument, unixMs, stdout, stderr, options = {} } = context
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : null)
  const format = chosen('--format', FORMATS, text('format') ?? 'table')
  const { from, until } = spanOf({ from: text('from'), to: text('to'), month: text('month') }, unixMs())
  const target = targetOf(options)
  if (format === 'pdf' && target === null) throw new UsageError('--format pdf: expected --out FILE')
  const config = loadConfig(file, env)
  const out = target && NewFile.at(target, config.paths.state)
  const plan = readPlan(argument)
  const settings = config.fleet.prometheus
  const queries = hasQueries(plan) ? asking(context, serverUrl(text('prometheus'), settings), settings) : NO_QUERIES
  const progress = new Progress(stderr, 'Allocating')
  try {
    // Reading is most of the work, and asking nearly all of it.
    const span = { fromUnixMs: from, untilUnixMs: until }
    const inputs = await readInputs(plan, span, queries, (done) => progress.show(0.7 * done))
    const allocation = allocate(inputs, (done) => progress.show(0.7 + 0.3 * done))
    progress.clear()
    await writeReport<Format>((as) => textOf(allocation, as), format, { file: out, stdout, env })
    return EX_OK
  } finally {
    progress.clear()
  }
}

/** Asks until it is told to stop. Throws a ConfigFault for credentials that cannot be read. */
function asking(context: FleetAllocateContext, url: string, settings: PrometheusSettings): InstantQueries {
  const remedies = { query: 'try it on the page of the server', passing: 'Try again' }
  const client = prometheusAt(url, settings, context, { remedies })
  const { stop } = context.signals()
  return {
    instant: async (query, unixMs) => {
      try {
        const series = await client.query(query, unixMs, stop)
        return series.map(({ labels, samples: [sample, ...more] }) => {
          if (sample !== undefined && more.length === 0) return { labels, value: sample[1] }
          throw new FleetFault('FLEET_SERVER', 'expected one value of each series, received those of a range')
        })
      } catch (cause) {
        if (!stop.aborted) throw cause
        throw new FleetFault('FLEET_SERVER', 'stopped before all was read', { cause })
      }
    },
  }
}

function textOf(allocation: Allocation, format: Exclude<Format, 'pdf'>): string {
  if (format === 'csv') return allocationCsv(allocation)
  if (format === 'json') return allocationJson(allocation)
  if (format === 'svg') return sankeySvg(allocation)
  return documentText(allocationDocument(allocation), format, format === 'html' ? sankeySvg(allocation) : '')
}
