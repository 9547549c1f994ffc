import type { HistogramSnapshot } from '../model/snapshot.ts'

export type Labels = Readonly<Record<string, string>>

/** One value with its labels, named as the declaration names them. Samples of one thing may share the labels object. */
export type Sample<Value> = readonly [value: Value, labels: Labels]

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
  /** Upper bound of a bucket. */
  readonly le?: string
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
  switch (metric.type) {
    case 'info':
      return [{ suffix: '', labels: canonical(metric.facts(input)).labels, value: 1 }]
    case 'histogram':
      return distinct(metric.samples(input)).flatMap(([value, labels]) => histogramSeries(value, labels))
    default:
      return distinct(metric.samples(input)).flatMap(([value, labels]) =>
        value !== null && Number.isFinite(value) ? [{ suffix: '', labels, value }] : [],
      )
  }
}

/** Two samples of one label set would make the exposition invalid, so the first one stands for both. */
function distinct<Value>(samples: readonly Sample<Value>[]): readonly Sample<Value>[] {
  const seen = new Set<string>()
  const kept: Sample<Value>[] = []
  for (const [value, given] of samples) {
    const { labels, identity } = canonical(given)
    if (seen.has(identity)) continue
    seen.add(identity)
    kept.push([value, labels])
  }
  return kept
}

interface Canonical {
  readonly labels: Labels
  readonly identity: string
}

/** Label sets are shared by the metrics of a channel, so each is worked out once. */
const canonicals = new WeakMap<Labels, Canonical>()

/** A lone surrogate has no UTF-8 form: two that differ would become the same bytes unseen. */
function canonical(given: Labels): Canonical {
  const known = canonicals.get(given)
  if (known !== undefined) return known
  const entries = Object.entries(given).map(([name, value]) => [name, value.toWellFormed()] as const)
  const found = { labels: Object.fromEntries(entries), identity: JSON.stringify(entries) }
  canonicals.set(given, found)
  return found
}

function histogramSeries(histogram: HistogramSnapshot, labels: Labels): readonly Series[] {
  if (!Number.isFinite(histogram.sumSeconds)) return []
  let count = 0
  const buckets = histogram.counts.map((observations, index): Series => {
    count += observations
    const le = canonicalBound(histogram.bounds[index] ?? Number.POSITIVE_INFINITY)
    return { suffix: '_bucket', labels, le, value: count }
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
