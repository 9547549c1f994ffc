import type { HistogramSnapshot } from '../model/snapshot.ts'

export type Labels = Readonly<Record<string, string>>

/** One value and its label values, in the order in which the declaration names the labels. */
export type Sample<Value> = readonly [value: Value, ...labels: string[]]

interface Declaration {
  /** The whole name, so that it can be searched for. */
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}

/**
 * What is exported under one name, as a pure function of its input. A value that is null or not finite is unknown: its
 * series is left out rather than shown as zero or NaN.
 */
export type Metric<Input> =
  | (Declaration & {
      readonly type: 'counter' | 'gauge'
      readonly samples: (input: Input) => readonly Sample<number | null>[]
    })
  | (Declaration & {
      readonly type: 'histogram'
      readonly samples: (input: Input) => readonly Sample<HistogramSnapshot>[]
    })
  /** A gauge that is always 1 and says all in its labels, of which only some are known beforehand. */
  | (Declaration & { readonly type: 'info'; readonly facts: (input: Input) => Labels })

/** A line of the exposition. `suffix` tells the parts of a histogram apart. */
export interface Series {
  readonly suffix: '' | '_bucket' | '_sum' | '_count'
  readonly labels: Labels
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly type: Metric<never>['type']
  readonly help: string
  readonly series: readonly Series[]
}

/** Evaluates the declarations. A family without any series is left out. */
export function familiesOf<Input>(metrics: readonly Metric<Input>[], input: Input): readonly Family[] {
  const families: Family[] = []
  for (const metric of metrics) {
    const series = seriesOf(metric, input)
    if (series.length > 0) families.push({ name: metric.name, type: metric.type, help: metric.help, series })
  }
  return families
}

function seriesOf<Input>(metric: Metric<Input>, input: Input): readonly Series[] {
  if (metric.type === 'info') return [{ suffix: '', labels: wellFormed(metric.facts(input)), value: 1 }]
  if (metric.type === 'histogram') {
    return distinct(metric.labels, metric.samples(input)).flatMap(([labels, value]) => histogramSeries(labels, value))
  }
  return distinct(metric.labels, metric.samples(input)).flatMap(([labels, value]) =>
    value !== null && Number.isFinite(value) ? [{ suffix: '' as const, labels, value }] : [],
  )
}

/** Two samples of one label set would make the exposition invalid, so the first one stands for both. */
function distinct<Value>(names: readonly string[], samples: readonly Sample<Value>[]): readonly [Labels, Value][] {
  const found = new Map<string, [Labels, Value]>()
  for (const [value, ...values] of samples) {
    const labels: Record<string, string> = {}
    for (const [index, name] of names.entries()) labels[name] = (values[index] ?? '').toWellFormed()
    const identity = JSON.stringify(Object.values(labels))
    if (!found.has(identity)) found.set(identity, [labels, value])
  }
  return [...found.values()]
}

/** A lone surrogate has no UTF-8 form: two that differ would become the same bytes unseen. */
function wellFormed(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, value.toWellFormed()]))
}

function histogramSeries(labels: Labels, histogram: HistogramSnapshot): readonly Series[] {
  if (!Number.isFinite(histogram.sumSeconds)) return []
  let count = 0
  const buckets = histogram.counts.map((observations, index): Series => {
    count += observations
    const le = canonicalBound(histogram.bounds[index] ?? Number.POSITIVE_INFINITY)
    return { suffix: '_bucket', labels: { ...labels, le }, value: count }
  })
  return [
    ...buckets,
    { suffix: '_sum', labels, value: histogram.sumSeconds },
    { suffix: '_count', labels, value: count },
  ]
}

/** `1.0`, never `1`: OpenMetrics 1.0 demands it and the plain text format allows it, so both name the same series. */
function canonicalBound(bound: number): string {
  if (bound === Number.POSITIVE_INFINITY) return '+Inf'
  return Number.isInteger(bound) ? bound.toFixed(1) : String(bound)
}
