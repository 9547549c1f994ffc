import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { loadConfig } from '../config/loader.ts'
import { openReadOnly } from '../ledger/read-only.ts'
import { EXPORTED_VIEWS, SERIES_VIEWS, type Span, ViewRows } from '../ledger/view-rows.ts'
import { didYouMean, nearest } from '../model/did-you-mean.ts'
import { EX_FAILURE, EX_OK } from './exit-codes.ts'
import { FORMATS, type Pieces } from './export-formats.ts'
import { timeOf } from './export-time.ts'
import { NewFile } from './new-file.ts'
import { ProgressBar } from './progress-bar.ts'
import { type Context, UsageError } from './run.ts'

export interface ExportContext extends Pick<Context, 'file' | 'env' | 'stdout' | 'stderr' | 'options'> {
  readonly signals: () => { readonly stop: AbortSignal }
}

/** Text goes out in pieces of this length, so that a row is no system call. */
const CHUNK_CHARACTERS = 65_536

/** Writes a view of the ledger, row by row: memory stays the same however long the time is. */
export async function exportView(context: ExportContext): Promise<number> {
  const { file, env, stdout, stderr, options = {} } = context
  const { view, format, span, labels } = orderOf(options)
  const { state } = loadConfig(file, env).paths
  const out = typeof options.out === 'string' ? NewFile.at(options.out, options.force === true) : null
  const { stop } = context.signals()
  const db = openReadOnly(join(state, 'ledger.db'))
  try {
    const rows = new ViewRows(db, view)
    const bar = new ProgressBar(stderr, span, rows.bounds(), stderr.isTTY === true && (out !== null || !stdout.isTTY))
    const taken = rows.labels.find((label) => labels.has(label))
    if (taken !== undefined)
      throw new UsageError(`--label ${taken} is a label that ${view} has already: take another name`)
    const chunks = Readable.from(chunksOf(format(rows, span, labels), bar), { objectMode: false })
    if (out === null) return await pour(chunks, stdout, stop)
    await out.write((draft) =>
      pipeline(chunks, createWriteStream(draft, { flags: 'wx', flush: true }), { signal: stop }),
    )
    return EX_OK
  } catch (cause) {
    if (stop.aborted) return EX_FAILURE
    throw cause
  } finally {
    db.close()
  }
}

/** @throws UsageError */
function orderOf(options: Readonly<Record<string, unknown>>) {
  const view = oneOf('view', String(options.view ?? 'node_hourly'), EXPORTED_VIEWS)
  const name = oneOf('format', String(options.format ?? 'csv'), Object.keys(FORMATS))
  const format = FORMATS[name]
  if (format === undefined) throw new UsageError(`--format ${name} is not known`)
  if (name === 'openmetrics' && !SERIES_VIEWS.includes(view)) {
    const series = SERIES_VIEWS.join(', ')
    throw new UsageError(
      `--view ${view} has no figures by the hour or the day, as OpenMetrics needs: take one of ${series}`,
    )
  }
  const isByDay = view.endsWith('_daily')
  const span: Span = {
    fromUnixMs: timeOf('from', options.from, isByDay),
    toUnixMs: timeOf('to', options.to, isByDay),
  }
  if (span.fromUnixMs !== null && span.toUnixMs !== null && span.fromUnixMs >= span.toUnixMs) {
    throw new UsageError(`--from ${options.from} is not before --to ${options.to}`)
  }
  return { view, format, span, labels: labelsOf(options.label as readonly string[] | undefined, name) }
}

/** What tells the series of this host from those of others. */
function labelsOf(given: readonly string[] = [], format: string): ReadonlyMap<string, string> {
  if (given.length > 0 && format !== 'openmetrics') {
    throw new UsageError('--label is for --format openmetrics: the other formats have no series')
  }
  return new Map(
    given.map((label): [string, string] => {
      const [, name, value] = /^((?!__)[a-zA-Z_][a-zA-Z0-9_]*)=(.+)$/s.exec(label) ?? []
      if (name !== undefined && value !== undefined) return [name, value]
      throw new UsageError(
        `--label ${JSON.stringify(label)} is no label: it is a name and a value, such as instance=db-17:10910`,
      )
    }),
  )
}

function oneOf(option: string, word: string, known: readonly string[]): string {
  if (known.includes(word)) return word
  const meant = didYouMean([nearest(word, known)])
  throw new UsageError(`--${option} ${JSON.stringify(word)} is not known${meant}: it is one of ${known.join(', ')}`)
}

function* chunksOf(pieces: Pieces, bar: ProgressBar): Generator<string> {
  let chunk = ''
  for (const { text, at } of pieces) {
    chunk += text
    if (chunk.length < CHUNK_CHARACTERS) continue
    if (at !== undefined) bar.show(at)
    yield chunk
    chunk = ''
  }
  yield chunk
  bar.end()
}

/** Whoever reads no further, as `head` does, has what it wanted. */
async function pour(chunks: Readable, stdout: Writable, signal: AbortSignal): Promise<number> {
  try {
    await pipeline(chunks, stdout, { signal, end: false })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EPIPE') throw cause
  }
  return EX_OK
}
