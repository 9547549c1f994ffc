import { AnswerError, dig, type Json, listIn, parseJson } from '../../io/answer.ts'

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

/**
 * The series of an answer to /api/v1/query. Throws an AnswerError, or a PartialAnswer for one with warnings (Thanos, Mimir) or
 * `isPartial` (VictoriaMetrics).
 */
export function seriesIn(body: string): readonly Series[] {
  const answer = parseJson(body)
  if (dig(answer, 'status') !== 'success') throw new AnswerError('a successful query', dig(answer, 'status'))
  const warnings = dig(answer, 'warnings')
  if (Array.isArray(warnings) && warnings.length > 0) throw new PartialAnswer(shown(warnings[0] ?? null))
  if (dig(answer, 'isPartial') === true) throw new PartialAnswer('it says that its answer is partial')
  const kind = dig(answer, 'data', 'resultType')
  if (kind !== 'vector' && kind !== 'matrix') throw new AnswerError('a vector or a matrix', kind)
  return listIn(answer, 'data', 'result').map((series) => ({
    labels: labelsIn(series),
    samples: kind === 'vector' ? [sampleOf(dig(series, 'value'))] : listIn(series, 'values').map(sampleOf),
  }))
}

/** Of a text that another wrote: short, and nothing that a terminal obeys. */
function shown(warning: Json): string {
  return `it warns ${JSON.stringify(warning).slice(0, 120)}`
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
