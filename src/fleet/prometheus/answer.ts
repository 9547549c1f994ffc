import { AnswerError, dig, type Json, listIn, parseJson, shown } from '../../io/answer.ts'

/** One series and its samples, in order of time. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>
  /** Values as the server writes them, such as `1.25e+09`. */
  readonly samples: readonly (readonly [unixMs: number, value: string])[]
}

/** The server says itself that its answer lacks something, so that a sum of it would be wrong. */
export class PartialAnswer extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'PartialAnswer'
  }
}

/** A server rounds the moment that it was asked for; one that answers for another one knows it not. */
const NEAR_MS = 1_000

/**
 * The series of an answer to /api/v1/query at a moment. Throws an AnswerError, or a PartialAnswer for one with warnings (Thanos,
 * Mimir) or `isPartial` (VictoriaMetrics).
 */
export function seriesIn(body: string, unixMs: number): readonly Series[] {
  const answer = parseJson(body)
  if (dig(answer, 'status') !== 'success') throw new AnswerError('a successful query', dig(answer, 'status'))
  const warnings = dig(answer, 'warnings')
  if (Array.isArray(warnings) && warnings.length > 0)
    throw new PartialAnswer(`it warns ${shown(warnings[0] ?? null, 120)}`)
  if (dig(answer, 'isPartial') === true) throw new PartialAnswer('it says that its answer is partial')
  const kind = dig(answer, 'data', 'resultType')
  if (kind !== 'vector' && kind !== 'matrix') throw new AnswerError('a vector or a matrix', kind)
  const series = listIn(answer, 'data', 'result').map((one) => ({
    labels: labelsIn(one),
    samples: kind === 'vector' ? [sampleAt(unixMs, dig(one, 'value'))] : inOrder(listIn(one, 'values').map(sampleOf)),
  }))
  requireOnce(series)
  return series
}

/** A series that came twice would be counted twice. */
function requireOnce(series: readonly Series[]): void {
  const seen = new Set<string>()
  for (const { labels } of series) {
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
    if (seen.has(key)) throw new AnswerError('each series once', labels)
    seen.add(key)
  }
}

function sampleAt(unixMs: number, sample: Json): Series['samples'][number] {
  const [atMs, value] = sampleOf(sample)
  if (Math.abs(atMs - unixMs) > NEAR_MS) throw new AnswerError('values of the time that was asked for', sample)
  return [atMs, value]
}

/** Of steps back and forth a counter's would be counted twice. Two samples of one time are those of two scrapers. */
function inOrder(samples: Series['samples']): Series['samples'] {
  for (const [n, [atMs]] of samples.entries()) {
    if (atMs < (samples[n - 1]?.[0] ?? atMs)) throw new AnswerError('samples in the order of time', new Date(atMs))
  }
  return samples
}

function labelsIn(series: Json): Readonly<Record<string, string>> {
  const labels = dig(series, 'metric')
  const isText =
    labels !== null && typeof labels === 'object' && Object.values(labels).every((one) => typeof one === 'string')
  if (!isText) throw new AnswerError('labels', labels)
  return labels as Readonly<Record<string, string>>
}

function sampleOf(sample: Json): readonly [number, string] {
  const [atS, value] = Array.isArray(sample) ? sample : []
  if (typeof atS !== 'number' || typeof value !== 'string') throw new AnswerError('a time and a value', sample)
  return [Math.round(atS * 1e3), value]
}
