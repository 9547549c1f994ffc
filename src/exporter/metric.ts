import { quoted } from '../model/quoted.ts'
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

/** A line of the exposition. */
export interface Series {
  readonly labels: Labels
  /** All of the line before its value. */
  readonly head: string
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
    case 'info': {
      const [place] = placesOf(metric, [[1, metric.facts(input)]])
      return place ? [{ labels: place.labels, head: `${metric.name}${place.braced} `, value: 1 }] : []
    }
    case 'histogram':
      return eachPlaced(metric, metric.samples(input), (value, place, add) => {
        histogramSeries(metric.name, value, place, add)
      })
    default:
      return eachPlaced(metric, metric.samples(input), (value, { labels, head }, add) => {
        if (value !== null && Number.isFinite(value)) add({ labels, head, value })
      })
  }
}

/** A label set as it is shown. */
interface Place {
  readonly labels: Labels
  /** `{name="value",...}`; empty without labels. */
  readonly braced: string
  /** With the metric's name before it and a space behind. */
  readonly head: string
  /** Two samples of one label set would make the exposition invalid, so that the first stands for both. */
  readonly isFirst: boolean
}

/** By index: a pattern or an iterator leaves an object for each step, and a scrape has thousands. */
function eachPlaced<Value>(
  metric: Declaration,
  samples: readonly Sample<Value>[],
  show: (value: Value, place: Place, add: (series: Series) => void) => void,
): readonly Series[] {
  const places = placesOf(metric, samples)
  const all: Series[] = []
  const add = (series: Series) => {
    all.push(series)
  }
  samples.forEach((sample, index) => {
    const place = places[index]
    if (place?.isFirst) show(sample[0], place, add)
  })
  return all
}

/**
 * Of each metric the label sets of the last scrape, in order: most are the next one's too, and to format them is most of a
 * scrape. A memo, not state: it changes no result.
 */
const lastPlaces = new WeakMap<Declaration, readonly Place[]>()

function placesOf(metric: Declaration, samples: readonly Sample<unknown>[]): readonly Place[] {
  const before = lastPlaces.get(metric) ?? []
  const isSame = samples.length === before.length && samples.every((sample, index) => isAt(before[index], sample[1]))
  if (isSame) return before
  const seen = new Set<string>()
  const places = samples.map(([, given], index): Place => {
    const known = before[index]
    const { labels, braced, head } = known && isAt(known, given) ? known : placeOf(metric.name, given)
    const isFirst = !seen.has(braced)
    seen.add(braced)
    return { labels, braced, head, isFirst }
  })
  lastPlaces.set(metric, places)
  return places
}

function isAt(place: Place | undefined, given: Labels): boolean {
  if (place === undefined) return false
  const { labels } = place
  if (labels === given) return true
  let count = 0
  for (const name in given) {
    if (given[name] !== labels[name]) return false
    count++
  }
  for (const _ in labels) count--
  return count === 0
}

/** A lone surrogate has no UTF-8 form: two that differ would become the same bytes unseen. */
function placeOf(metric: string, given: Labels): Omit<Place, 'isFirst'> {
  const entries = Object.entries(given).map(([name, value]) => [name, value.toWellFormed()] as const)
  const written = entries.map(([name, value]) => `${name}=${quoted(value)}`)
  const braced = written.length > 0 ? `{${written.join(',')}}` : ''
  return { labels: Object.fromEntries(entries), braced, head: `${metric}${braced} ` }
}

function histogramSeries(
  name: string,
  { bounds, counts, sumSeconds }: HistogramSnapshot,
  { labels, braced }: Place,
  add: (series: Series) => void,
): void {
  if (!Number.isFinite(sumSeconds)) return
  const before = braced === '' ? '{' : `${braced.slice(0, -1)},`
  let count = 0
  for (const [index, observations] of counts.entries()) {
    count += observations
    const le = canonicalBound(bounds[index] ?? Number.POSITIVE_INFINITY)
    add({ labels, head: `${name}_bucket${before}le="${le}"} `, value: count })
  }
  add({ labels, head: `${name}_sum${braced} `, value: sumSeconds })
  add({ labels, head: `${name}_count${braced} `, value: count })
}

/** `1.0`, never `1`: OpenMetrics 1.0 demands it and the plain text format allows it, so both name the same series. */
function canonicalBound(bound: number): string {
  if (bound === Number.POSITIVE_INFINITY) return '+Inf'
  return Number.isInteger(bound) ? bound.toFixed(1) : String(bound)
}
