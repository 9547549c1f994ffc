import type { Metric } from 'prom-client'
// The package's index also loads its cluster, push and tracing parts: 8 MB that nothing here uses.
import Registry from 'prom-client/lib/registry.js'
import type { Family, Series } from './metric.ts'

export type ExpositionFormat = 'text' | 'openmetrics'

/** Content types of the Prometheus text format 0.0.4 and of OpenMetrics 1.0. */
export const EXPOSITION_TYPES = {
  text: Registry.PROMETHEUS_CONTENT_TYPE,
  openmetrics: Registry.OPENMETRICS_CONTENT_TYPE,
} as const satisfies Record<ExpositionFormat, string>

/** Formats the families with prom-client, in a registry that lives as long as the call. */
export function renderExposition(families: readonly Family[], format: ExpositionFormat): Promise<string> {
  const registry = new Registry<(typeof EXPOSITION_TYPES)[ExpositionFormat]>()
  registry.setContentType(EXPOSITION_TYPES[format])
  for (const family of families) registry.registerMetric(registered(family, format))
  return registry.metrics()
}

/**
 * The part of a metric that a registry calls: its name and `get()`. prom-client's own counters can only be incremented,
 * so absolute totals would have to be kept twice; here they pass straight from the snapshot into the text.
 */
function registered(family: Family, format: ExpositionFormat): Metric {
  const { name, type } = namedFor(family, format)
  const values = family.series.map((series) => ({
    value: series.value,
    // prom-client formats a label set that is shared only once.
    ...(series.le === undefined ? { sharedLabels: series.labels } : { labels: { ...series.labels, le: series.le } }),
    ...sampleName(family, series),
  }))
  const view = { name, get: async () => ({ name, type, help: family.help, values, aggregator: 'sum' }) }
  return view as unknown as Metric
}

/**
 * OpenMetrics names a family without the suffix of its samples. For counters the registry puts `_total` back by itself;
 * the plain text format does not know the type `info`, which is a gauge there.
 */
function namedFor({ name, type }: Family, format: ExpositionFormat): { name: string; type: string } {
  if (format === 'text') return { name, type: type === 'info' ? 'gauge' : type }
  if (type === 'counter') return { name: name.replace(/_total$/, ''), type }
  return { name: type === 'info' ? name.replace(/_info$/, '') : name, type }
}

function sampleName({ name, type }: Family, { suffix }: Series): { metricName?: string } {
  return type === 'info' || type === 'histogram' ? { metricName: `${name}${suffix}` } : {}
}
