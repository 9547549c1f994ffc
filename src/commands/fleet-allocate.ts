import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { loadConfig } from '../config/loader.ts'
import { type Allocation, allocate } from '../fleet/allocate/allocate.ts'
import { allocationCsv, allocationJson } from '../fleet/allocate/data.ts'
import { documentOf } from '../fleet/allocate/document.ts'
import { readInputs } from '../fleet/allocate/read-inputs.ts'
import { readPlan } from '../fleet/allocate/read-plan.ts'
import { sankeySvg } from '../fleet/allocate/sankey.ts'
import { markdownText } from '../report/format/markdown.ts'
import { tableText } from '../report/format/table.ts'
import { spanOf } from '../report/span.ts'
import { chosen } from './choice.ts'
import { EX_OK } from './exit-codes.ts'
import { NewFile, targetOf } from './new-file.ts'
import { Progress } from './progress.ts'
import type { Context, Output } from './run.ts'
import { pour } from './standard-output.ts'

export interface FleetAllocateContext extends Pick<Context, 'file' | 'env' | 'argument' | 'unixMs' | 'options'> {
  readonly stdout: NodeJS.WritableStream
  readonly stderr: Output
}

const FORMATS: Readonly<Record<string, (allocation: Allocation) => Iterable<string>>> = {
  table: (allocation) => [tableText(documentOf(allocation))],
  md: (allocation) => [markdownText(documentOf(allocation))],
  csv: allocationCsv,
  json: (allocation) => [allocationJson(allocation)],
  svg: (allocation) => [sankeySvg(allocation)],
}

/** Divides a fleet's energy by a plan. Throws a UsageError, a ConfigFault or an AllocationFault; then nothing is written. */
export async function fleetAllocate(context: FleetAllocateContext): Promise<number> {
  const { file, env, argument, unixMs, stdout, stderr, options = {} } = context
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : null)
  const format = FORMATS[chosen('--format', Object.keys(FORMATS), text('format') ?? 'table')] ?? (() => [])
  const { from, until } = spanOf({ from: text('from'), to: text('to'), month: text('month') }, unixMs())
  const target = targetOf(options)
  const out = target && NewFile.at(target, loadConfig(file, env).paths.state)
  const progress = new Progress(stderr, 'Allocating')
  try {
    const inputs = await readInputs(readPlan(argument), { fromUnixMs: from, untilUnixMs: until }, null)
    const chunks = format(allocate(inputs, (done) => progress.show(done)))
    progress.clear()
    if (out === null) await pour(chunks, stdout)
    else {
      await out.write((draft) =>
        pipeline(Readable.from(chunks), createWriteStream(draft, { flags: 'wx', flush: true })),
      )
    }
    return EX_OK
  } finally {
    progress.clear()
  }
}
