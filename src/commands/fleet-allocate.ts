import { loadConfig } from '../config/loader.ts'
import { type Allocation, allocate } from '../fleet/allocate/allocate.ts'
import { allocationCsv, allocationJson } from '../fleet/allocate/data.ts'
import { allocationDocument } from '../fleet/allocate/document.ts'
import { readInputs } from '../fleet/allocate/read-inputs.ts'
import { readPlan } from '../fleet/allocate/read-plan.ts'
import { sankeySvg } from '../fleet/allocate/sankey.ts'
import { UsageError } from '../model/usage-error.ts'
import { COMMON_FORMATS, documentText } from '../report/format/document-formats.ts'
import { spanOf } from '../report/span.ts'
import { chosen } from './choice.ts'
import { EX_OK } from './exit-codes.ts'
import { NewFile, targetOf } from './new-file.ts'
import { Progress } from './progress.ts'
import { writeReport } from './report-output.ts'
import type { Context, Output } from './run.ts'

export interface FleetAllocateContext extends Pick<Context, 'file' | 'env' | 'argument' | 'unixMs' | 'options'> {
  readonly stdout: NodeJS.WritableStream
  readonly stderr: Output
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
  const progress = new Progress(stderr, 'Allocating')
  try {
    const inputs = await readInputs(plan, { fromUnixMs: from, untilUnixMs: until }, null)
    const allocation = allocate(inputs, (done) => progress.show(done))
    progress.clear()
    await writeReport<Format>((as) => textOf(allocation, as), format, { file: out, stdout, env })
    return EX_OK
  } finally {
    progress.clear()
  }
}

function textOf(allocation: Allocation, format: Exclude<Format, 'pdf'>): string {
  if (format === 'csv') return allocationCsv(allocation)
  if (format === 'json') return allocationJson(allocation)
  if (format === 'svg') return sankeySvg(allocation)
  return documentText(allocationDocument(allocation), format, format === 'html' ? sankeySvg(allocation) : '')
}
