import type { HrTime } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics'
import { familiesOf, type Labels, type Metric } from '../exporter/metric.ts'
import { SNAPSHOT_METRICS } from '../exporter/metrics.ts'
import { OTLP_METRICS } from '../exporter/otlp-metrics.ts'
import { SEAL_METRICS } from '../exporter/seal-metrics.ts'
import type { PushState } from '../model/otlp.ts'
import type { SealHead } from '../model/seal.ts'
import type { HistogramSnapshot, Snapshot } from '../model/snapshot.ts'
import { birthOf, consumerAttributes, hardwareAttributes, KnownConsumers } from './attributes.ts'
import { type OtlpName, otlpNameOf } from './names.ts'

/** ValueType.DOUBLE, of which the API has a module at run time. */
const DOUBLE = 1

export interface ProducerOptions {
  /** As young as it can be had; null before the first. */
  readonly snapshot: () => Promise<Snapshot | null>
  readonly seal: () => SealHead | null
  readonly push: () => PushState
  readonly resource: (snapshot: Snapshot) => Resource
  /** When the kept counters were zero, and when those of this process were. */
  readonly bornUnixMs: () => number
  readonly startedUnixMs: () => number
  readonly version: string
}

/**
 * The newest snapshot as OpenTelemetry has metrics. Not by instruments of the SDK: those give a counter that is kept the start
 * time of the process, which says that all of its energy was used since.
 */
export class SnapshotProducer implements MetricProducer {
  readonly #options: ProducerOptions

  constructor(options: ProducerOptions) {
    this.#options = options
  }

  /** Without any metric before the first snapshot. */
  async collect(): Promise<CollectionResult> {
    const { snapshot, seal, push, resource, version } = this.#options
    const newest = await snapshot()
    if (newest === null) throw new Error('there is no snapshot yet')
    const points = new Points(newest, this.#options)
    const metrics = [
      ...points.of(SNAPSHOT_METRICS, newest),
      ...points.of(SEAL_METRICS, seal()),
      ...points.of(OTLP_METRICS, push()),
    ]
    return {
      resourceMetrics: {
        resource: resource(newest),
        scopeMetrics: [{ scope: { name: 'wattledger', version }, metrics }],
      },
      errors: [],
    }
  }
}

/** Turns metrics of a scrape into those of a push, at the time of one snapshot. */
class Points {
  readonly #endTime: HrTime
  readonly #atUnixMs: number
  readonly #consumers: KnownConsumers
  readonly #since: Readonly<Record<OtlpName['since'], number>>

  constructor(snapshot: Snapshot, { bornUnixMs, startedUnixMs }: ProducerOptions) {
    this.#atUnixMs = snapshot.atUnixMs
    this.#endTime = hrTimeOf(snapshot.atUnixMs)
    this.#consumers = new KnownConsumers(snapshot)
    this.#since = { ledger: bornUnixMs(), agent: startedUnixMs() }
  }

  of<Input>(metrics: readonly Metric<Input>[], input: Input): MetricData[] {
    return metrics.flatMap((metric) => {
      const named = otlpNameOf(metric)
      const data = named === null ? null : this.#dataOf(metric, named, input)
      return data === null || data.dataPoints.length === 0 ? [] : [data]
    })
  }

  #dataOf<Input>(metric: Metric<Input>, named: OtlpName, input: Input): MetricData {
    const descriptor = { name: named.name, unit: named.unit, description: metric.help, valueType: DOUBLE }
    const aggregationTemporality = AggregationTemporality.CUMULATIVE
    if (metric.type === 'histogram') {
      const dataPoints = metric.samples(input).map(([value, labels]) => this.#point(named, labels, histogramOf(value)))
      return { descriptor, aggregationTemporality, dataPointType: DataPointType.HISTOGRAM, dataPoints }
    }
    const [family] = familiesOf([metric], input)
    const dataPoints = (family?.series ?? []).map(({ value, labels }) => this.#point(named, labels, value))
    return metric.type === 'counter'
      ? { descriptor, aggregationTemporality, dataPointType: DataPointType.SUM, dataPoints, isMonotonic: true }
      : { descriptor, aggregationTemporality, dataPointType: DataPointType.GAUGE, dataPoints }
  }

  #point<Value>({ attributeOf, fixed, since }: OtlpName, labels: Labels, value: Value) {
    const consumer = this.#consumers.of(labels)
    const own = Object.entries(labels).flatMap(([label, text]) => {
      const name = attributeOf(label)
      return name === null ? [] : [[name, text] as const]
    })
    const attributes = { ...fixed, ...Object.fromEntries(own) }
    return {
      attributes: { ...attributes, ...hardwareAttributes(attributes), ...(consumer && consumerAttributes(consumer)) },
      startTime: this.#startTime((consumer && birthOf(consumer)) ?? this.#since[since]),
      endTime: this.#endTime,
      value,
    }
  }

  /** A start behind the end is that of a clock which was set back: zero says that it is not known. */
  #startTime(unixMs: number): HrTime {
    return unixMs > this.#atUnixMs ? [0, 0] : hrTimeOf(unixMs)
  }
}

function histogramOf({ bounds, counts, sumSeconds }: HistogramSnapshot) {
  const count = counts.reduce((sum, one) => sum + one, 0)
  return { buckets: { boundaries: [...bounds], counts: [...counts] }, sum: sumSeconds, count }
}

function hrTimeOf(unixMs: number): HrTime {
  const ms = Math.round(unixMs)
  return [Math.floor(ms / 1000), (ms % 1000) * 1e6]
}
