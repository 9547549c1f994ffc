import { AnswerError } from '../io/answer.ts'
import { ROWS_PER_SLICE, type Sliced } from '../io/slices.ts'

/*
 * The Prometheus text format 0.0.4 and OpenMetrics 1.0, as far as counters need them.
 * https://prometheus.io/docs/instrumenting/exposition_formats, https://prometheus.io/docs/specs/om/open_metrics_spec
 */

export type Labels = ReadonlyMap<string, string>

export interface Sample {
  readonly name: string
  readonly labels: Labels
  /** May be NaN or infinite. */
  readonly value: number
}

/** A label set may name a whole prompt's template, and no more. */
const LONGEST_LINE = 1 << 16

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/
const QUOTED_NAME = /^\{[ \t]*"[^"\\]*(?:\\.[^"\\]*)*"[ \t]*[,}]/
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"([^"\\]*(?:\\.[^"\\]*)*)"[ \t]*/y
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
/** What follows the labels: a value, a time that nothing here needs, and in OpenMetrics an exemplar. */
const TAIL = /^[ \t]+([^ \t]+)(?:[ \t]+[+-]?[\d.eE+-]+)?[ \t]*(?:# .*)?$/

/**
 * The samples with one of the names. Throws an AnswerError for a text with any line that is none of the format, since what is
 * half a page of metrics is half a count.
 */
export function* samplesIn(text: string, names: ReadonlySet<string>): Sliced<readonly Sample[]> {
  const samples: Sample[] = []
  let [row, lines] = [0, 0]
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start)
    const end = newline === -1 ? text.length : newline
    // A cut line could end with another number than the whole one.
    const isLong = end - start > LONGEST_LINE
    const line = text.slice(start, isLong ? start + LONGEST_LINE : end).trim()
    row += 1
    if (line !== '' && !line.startsWith('#')) {
      const sample = isLong ? null : sampleIn(line)
      if (sample === null) throw new AnswerError('metrics of Prometheus', `another text in line ${row}`)
      if (names.has(sample.name)) samples.push(sample)
      lines += 1
    }
    start = end + 1
    if (row % ROWS_PER_SLICE === 0) yield
  }
  if (lines === 0) throw new AnswerError('metrics of Prometheus', 'a text without any')
  return samples
}

/** Null for what is no sample. One whose name is in quotes has none: such names are for clients that ask for them. */
function sampleIn(line: string): Sample | null {
  const name = NAME.exec(line)?.[0] ?? ''
  if (name === '') return QUOTED_NAME.test(line) ? { name, labels: new Map(), value: Number.NaN } : null
  const parsed = labelsAt(line, name.length)
  const value = parsed && numberOf(TAIL.exec(line.slice(parsed.end))?.[1] ?? '')
  return parsed === null || value === null ? null : { name, labels: parsed.labels, value }
}

/** The label set that begins at an offset, if one does, and where it ends; null for a broken one. */
export function labelsAt(text: string, offset: number): { readonly labels: Labels; readonly end: number } | null {
  const labels = new Map<string, string>()
  let at = offset + (/^[ \t]*/.exec(text.slice(offset, offset + 16))?.[0].length ?? 0)
  if (text[at] !== '{') return { labels, end: offset }
  for (at += 1; ; ) {
    LABEL.lastIndex = at
    const [whole = '', name = '', value = ''] = LABEL.exec(text) ?? []
    if (name === '') break
    labels.set(name, unescaped(value))
    at += whole.length
    if (text[at] !== ',') break
    at += 1
  }
  while (text[at] === ' ' || text[at] === '\t') at += 1
  return text[at] === '}' ? { labels, end: at + 1 } : null
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (pair, escaped: string) =>
    escaped === 'n' ? '\n' : escaped === '"' || escaped === '\\' ? escaped : pair,
  )
}

function numberOf(text: string): number | null {
  if (NUMBER.test(text)) return Number(text)
  if (/^[+-]?inf(?:inity)?$/i.test(text))
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return /^nan$/i.test(text) ? Number.NaN : null
}
