import type { HistogramSnapshot } from '../model/snapshot.ts'
import { type Labels, type Place, Places } from './places.ts'

export type { Labels } from './places.ts'

/** One value with its labels, named as the declaration names them. Samples of one thing may share the labels object. */
export type Sample<Value> = readonly [value: Value, labels: Labels]

interface Declaration {
  /** The whole name, so that it can be searched for. */
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}

/** Takes a sample; a metric of thousands hands them over one by one, since a list of them is garbage. */
export type Add<Value> = (value: Value, labels: Labels) => void

type Samples<Input, Value> =
  | { readonly samples: (input: Input) => readonly Sample<Value>[] }
  | { readonly each: (input: Input, add: Add<Value>) => void }

/**
 * What is exported under one name, as a pure function of its input. A value that is null or not finite is unknown: its
 * series is left out rather than shown as zero or NaN.
 */
export type Metric<Input> =
  | (Declaration & { readonly type: 'counter' | 'gauge' } & Samples<Input, number | null>)
  | (Declaration & {
      readonly type: 'histogram'
      readonly samples: (input: Input) => readonly Sample<HistogramSnapshot>[]
    })
  /** A gauge that is always 1 and says all in its labels, of which only some are known beforehand. */
  | (Declaration & { readonly type: 'info'; readonly facts: (input: Input) => Labels })

/** Takes a line of the exposition. `head` is all of it before the value. */
export type Show = (head: string, value: number, labels: Labels) => void

export interface Series {
  readonly labels: Labels
  readonly value: number
}

/** A metric of one input, evaluated each time that it is asked. It may be without any series. */
export class Family {
  readonly metric: Metric<never>
  readonly #input: never

  private constructor(metric: Metric<never>, input: never) {
    this.metric = metric
    this.#input = input
  }

  static of<Input>(metric: Metric<Input>, input: Input): Family {
    return new Family(metric, input as never)
  }

  get name(): string {
    return this.metric.name
  }

  get type(): Metric<never>['type'] {
    return this.metric.type
  }

  get help(): string {
    return this.metric.help
  }

  each(show: Show): void {
    eachSeries(this.metric, this.#input, show)
  }

  get series(): readonly Series[] {
    const all: Series[] = []
    this.each((_, value, labels) => void all.push({ labels, value }))
    return all
  }
}

export function familiesOf<Input>(metrics: readonly Metric<Input>[], input: Input): readonly Family[] {
  return metrics.map((metric) => Family.of(metric, input))
}

/** Of each metric the label sets of the last scrape. A memo, not state: it changes no result. */
const lastPlaces = new WeakMap<Declaration, Places>()

function eachSeries<Input>(metric: Metric<Input>, input: Input, show: Show): void {
  const places = lastPlaces.get(metric) ?? new Places(metric.name)
  lastPlaces.set(metric, places)
  places.begin()
  if (metric.type === 'histogram') {
    for (const [value, labels] of metric.samples(input)) {
      const place = places.next(labels)
      if (place.isFirst) eachOfHistogram(metric.name, value, place, show)
    }
  } else {
    const add: Add<number | null> = (value, labels) => {
      const place = places.next(labels)
      if (place.isFirst && value !== null && Number.isFinite(value)) show(place.head, value, place.labels)
    }
    if (metric.type === 'info') add(1, metric.facts(input))
    else if ('each' in metric) metric.each(input, add)
    else {
      // No pattern and no iterator: each leaves an object for every step.
      metric.samples(input).forEach((sample) => {
        add(sample[0], sample[1])
      })
    }
  }
  places.end()
}

function eachOfHistogram(
  name: string,
  { bounds, counts, sumSeconds }: HistogramSnapshot,
  { labels, braced }: Place,
  show: Show,
): void {
  if (!Number.isFinite(sumSeconds)) return
  const before = braced === '' ? '{' : `${braced.slice(0, -1)},`
  let count = 0
  for (const [index, observations] of counts.entries()) {
    count += observations
    const le = canonicalBound(bounds[index] ?? Number.POSITIVE_INFINITY)
    show(`${name}_bucket${before}le="${le}"} `, count, labels)
  }
  show(`${name}_sum${braced} `, sumSeconds, labels)
  show(`${name}_count${braced} `, count, labels)
}

/** `1.0`, never `1`: OpenMetrics 1.0 demands it and the plain text format allows it, so both name the same series. */
function canonicalBound(bound: number): string {
  if (bound === Number.POSITIVE_INFINITY) return '+Inf'
  return Number.isInteger(bound) ? bound.toFixed(1) : String(bound)
}
