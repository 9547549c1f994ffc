import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { loadConfig } from '../config/loader.ts'
import { openReadOnly } from '../ledger/read-only.ts'
import { requireFormat } from '../ledger/report-rows.ts'
import { EXPORTED_VIEWS, SERIES_VIEWS, type Span, ViewRows } from '../ledger/view-rows.ts'
import { DAY_MS } from '../model/time.ts'
import { UsageError } from '../model/usage-error.ts'
import { requireOrder, timeOf } from '../report/span.ts'
import { chosen } from './choice.ts'
import { EX_FAILURE, EX_OK } from './exit-codes.ts'
import { FORMATS } from './export-formats.ts'
import { labelsOf, requireFree } from './export-labels.ts'
import type { Pieces, Position } from './export-pieces.ts'
import { NewFile, targetOf } from './new-file.ts'
import { Progress } from './progress.ts'
import type { Context } from './run.ts'
import { pour } from './standard-output.ts'

export interface ExportContext extends Pick<Context, 'file' | 'env' | 'stdout' | 'stderr' | 'options'> {
  readonly signals: () => { readonly stop: AbortSignal }
  /** Of the progress; by default the process's own. */
  readonly nowMs?: () => number
}

/** Text goes out in pieces of this length, so that a row is no system call. */
const CHUNK_CHARACTERS = 65_536

/** Writes a view of the ledger, row by row: memory stays the same however long the time is. */
export async function exportView(context: ExportContext): Promise<number> {
  const { file, env, stdout, stderr, options = {}, nowMs } = context
  const target = targetOf(options)
  const { view, format, span, labels } = orderOf(options)
  if (format === FORMATS.parquet && target === null && stdout.isTTY) {
    throw new UsageError('--format parquet: expected --out FILE, or a program behind a pipe, since it is no text')
  }
  const { state } = loadConfig(file, env).paths
  const out = target && NewFile.at(target, state)
  const { stop } = context.signals()
  const path = join(state, 'ledger.db')
  const db = openReadOnly(path)
  // Text on the same terminal would run into it.
  const isFree = out !== null || !stdout.isTTY
  const progress = new Progress(isFree ? stderr : { write: () => {} }, `Exporting ${view}`, nowMs)
  try {
    requireFormat(db, path)
    const rows = new ViewRows(db, view)
    requireFree(labels, rows)
    const chunks = chunksOf(format(rows, span, labels), watching(progress, span, rows.bounds()))
    if (out === null) await pour(chunks, stdout, stop)
    else {
      const opened = (draft: string) => createWriteStream(draft, { flags: 'wx', flush: true })
      await out.write((draft) => pipeline(Readable.from(chunks), opened(draft), { signal: stop }))
    }
    return EX_OK
  } catch (cause) {
    if (stop.aborted) return EX_FAILURE
    throw cause
  } finally {
    progress.clear()
    db.close()
  }
}

/** @throws UsageError */
function orderOf(options: Readonly<Record<string, unknown>>) {
  const view = chosen('--view', EXPORTED_VIEWS, String(options.view ?? 'node_hourly'))
  const name = chosen('--format', Object.keys(FORMATS) as (keyof typeof FORMATS)[], String(options.format ?? 'csv'))
  if (name === 'openmetrics' && !SERIES_VIEWS.includes(view)) {
    const series = SERIES_VIEWS.join(', ')
    throw new UsageError(`--view: expected one with figures by the hour or the day for OpenMetrics: ${series}`)
  }
  const stepMs = view.endsWith('_daily') ? DAY_MS : 1
  const at = (option: 'from' | 'to') => {
    const typed = options[option]
    return typed === undefined ? null : timeOf(String(typed), `--${option}`, stepMs)
  }
  const span: Span = { fromUnixMs: at('from'), toUnixMs: at('to') }
  if (span.fromUnixMs !== null && span.toUnixMs !== null) requireOrder(span.fromUnixMs, span.toUnixMs)
  return { view, format: FORMATS[name], span, labels: labelsOf(options.label, name) }
}

/** Shows a position as a share of the time that there is. */
function watching(progress: Progress, span: Span, bounds: Span | null): (position: Position) => void {
  const from = Math.max(span.fromUnixMs ?? 0, bounds?.fromUnixMs ?? 0)
  const until = Math.min(span.toUnixMs ?? Number.POSITIVE_INFINITY, bounds?.toUnixMs ?? Number.POSITIVE_INFINITY)
  return ({ unixMs, pass, passes }) => {
    const share = until > from && Number.isFinite(until) ? (unixMs - from) / (until - from) : 0
    progress.show((pass + Math.min(1, Math.max(0, share))) / passes)
  }
}

function* chunksOf(pieces: Pieces, show: (position: Position) => void): Generator<string | Uint8Array> {
  let chunk = ''
  for (const { at, ...piece } of pieces) {
    if ('text' in piece) chunk += piece.text
    if ('text' in piece && chunk.length < CHUNK_CHARACTERS) continue
    if (at !== undefined) show(at)
    if ('text' in piece) yield chunk
    else if (piece.bytes.length > 0) yield piece.bytes
    chunk = ''
  }
  if (chunk !== '') yield chunk
}
