/**
 * `npm run reference`: writes the tables of docs/configuration.md, docs/metrics.md and docs/opentelemetry.md from the schema
 * of the configuration, the declarations of the metrics and their names in OpenTelemetry. What stands outside of their marks is written by hand.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { jsonSchema, type KeyShape } from '../src/config/shape.ts'
import { ACCELERATOR_METRICS } from '../src/exporter/accelerator-metrics.ts'
import { CONSUMER_METRICS } from '../src/exporter/consumer-metrics.ts'
import type { Metric } from '../src/exporter/metric.ts'
import { SNAPSHOT_METRICS } from '../src/exporter/metrics.ts'
import { NODE_METRICS } from '../src/exporter/node-metrics.ts'
import { OTLP_METRICS } from '../src/exporter/otlp-metrics.ts'
import { PROCESS_METRICS } from '../src/exporter/process-metrics.ts'
import { SEAL_METRICS } from '../src/exporter/seal-metrics.ts'
import { SETTLED_METRICS } from '../src/exporter/settled-metrics.ts'
import { WORKLOAD_METRICS } from '../src/exporter/workload-metrics.ts'
import { otlpNameOf } from '../src/otlp/names.ts'

/** What of JSON Schema a key with several forms is made of. */
interface Shape extends KeyShape {
  readonly type?: string
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
  readonly oneOf?: readonly Shape[]
}

type Block = () => string

/** Those with a table of their own. */
const CONSUMERS = [...CONSUMER_METRICS, ...ACCELERATOR_METRICS]
const TABLES = [...NODE_METRICS, ...CONSUMERS, ...SETTLED_METRICS, ...WORKLOAD_METRICS]

export const PAGES: Readonly<Record<string, Readonly<Record<string, Block>>>> = {
  'docs/configuration.md': { keys: () => configuration(jsonSchema()) },
  'docs/metrics.md': {
    machine: () => metricTable(NODE_METRICS),
    workloads: () => metricTable(WORKLOAD_METRICS),
    consumers: () => metricTable(CONSUMERS),
    settled: () => metricTable(SETTLED_METRICS),
    agent: () => metricTable(SNAPSHOT_METRICS.filter((metric) => !TABLES.includes(metric))),
    seal: () => metricTable(SEAL_METRICS),
    push: () => metricTable(OTLP_METRICS),
    process: () => metricTable(PROCESS_METRICS),
  },
  'docs/opentelemetry.md': {
    names: () => otlpTable([...SNAPSHOT_METRICS, ...SEAL_METRICS, ...OTLP_METRICS]),
  },
}

/** The page with its blocks written anew. Throws for a block that the page does not have. */
export function written(page: string, blocks: Readonly<Record<string, Block>>): string {
  return Object.entries(blocks).reduce((text, [name, block]) => {
    const marks = new RegExp(`(<!-- ${name}: written by npm run reference -->\n)[^]*?(<!-- end -->)`)
    if (!marks.test(text)) throw new Error(`no marks for ${name}`)
    return text.replace(marks, (_, begin: string, end: string) => `${begin}\n${block()}\n\n${end}`)
  }, page)
}

function metricTable(metrics: readonly Metric<never>[]): string {
  const rows = metrics.map(({ name, type, labels, help }) => {
    const kind = type === 'info' ? 'gauge' : type
    return row(code(name), kind, labels.map(code).join(', '), help)
  })
  return ['| metric | type | labels | what |', '|---|---|---|---|', ...rows].join('\n')
}

function otlpTable(metrics: readonly Metric<never>[]): string {
  const rows = metrics.flatMap((metric) => {
    const named = otlpNameOf(metric)
    if (named === null) return []
    const { name, unit, attributeOf, fixed, since } = named
    const kind = { counter: 'sum', gauge: 'gauge', histogram: 'histogram', info: 'gauge' }[metric.type]
    const attributes = [...Object.keys(fixed), ...metric.labels.flatMap((label) => attributeOf(label) ?? [])]
    const start = kind === 'gauge' ? '' : since
    return row(code(name), unit && code(unit), kind, attributes.map(code).join(', '), start, code(metric.name))
  })
  return [
    '| metric | unit | kind | attributes | counts since | in a scrape |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

function configuration(root: Shape): string {
  return childrenOf(root)
    .flatMap(([name, shape]) => [
      `### ${name}`,
      shape.description ?? '',
      // Of a list, the keys of its entries.
      shape.items === undefined ? keyTable(shape) : keyTable(shape.items, true),
      ...manyForms(name, shape).flatMap(formChapter),
    ])
    .join('\n\n')
}

/** Keys below it that may be set in several ways, each with its path. */
function manyForms(path: string, shape: Shape): readonly (readonly [path: string, shape: Shape])[] {
  if (shape.properties !== undefined) {
    return childrenOf(shape).flatMap(([name, child]) => manyForms(`${path}.${name}`, child))
  }
  return formsOf(shape).length > 0 ? [[path, shape]] : []
}

function formChapter([path, shape]: readonly [path: string, shape: Shape]): readonly string[] {
  const examples = (shape.examples ?? []).map((example) => `${path.split('.').at(-1)}: ${flow(example)}`)
  const forms = formsOf(shape).flatMap((form) => {
    const source = form.properties?.source?.const
    const keys = childrenOf(form).filter(([, child]) => child.const === undefined)
    return [
      source === undefined ? 'As a mapping:' : `**\`source: ${source}\`** ${form.description ?? ''}`.trim(),
      ...(keys.length > 0 ? [keyTable({ ...form, properties: Object.fromEntries(keys) }, true)] : []),
    ]
  })
  return [`#### ${path}`, shape.description ?? '', ['```yaml', ...examples, '```'].join('\n'), ...forms]
}

/** The mappings that a key may be, each once. */
function formsOf({ anyOf = [], oneOf = [] }: Shape): readonly Shape[] {
  return [...anyOf, ...oneOf].flatMap((form) => (form.properties === undefined ? formsOf(form) : [form]))
}

/** `deep`: with the keys of mappings in lists, and of those that a key may be. They have no chapter of their own. */
function keyTable(shape: Shape, deep = false): string {
  return ['| key | default | what | expects |', '|---|---|---|---|', ...keyRows('', shape, deep)].join('\n')
}

function keyRows(path: string, shape: Shape, deep: boolean): readonly string[] {
  return childrenOf(shape).flatMap(([name, child]) => {
    const key = `${path}${name}`
    const own = keyRow(key, child, shape.required?.includes(name) ?? false)
    if (child.properties !== undefined) return [own, ...keyRows(`${key}.`, child, deep)]
    if (!deep) return [own]
    const below = child.items === undefined ? formsOf(child) : [child.items]
    return [own, ...below.flatMap((form) => keyRows(`${key}${child.items === undefined ? '.' : '[].'}`, form, deep))]
  })
}

function keyRow(key: string, { properties, default: preset, description = '' }: Shape, required: boolean): string {
  if (properties !== undefined) return row(code(key), '', description, 'a mapping')
  const [about = '', expects = ''] = description.split(/ Expects (?=[^.])/)
  return row(
    code(key),
    preset === undefined && required ? 'must be set' : code(flow(preset)),
    about,
    expects.replace(/\.$/, ''),
  )
}

function childrenOf({ properties = {} }: Shape): readonly (readonly [string, Shape])[] {
  return Object.entries(properties)
}

const flow = (value: unknown): string =>
  stringify(value ?? null, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trim()
const code = (text: string): string => `\`${text}\``
const row = (...cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`

if (import.meta.main) {
  const root = resolve(import.meta.dirname, '..')
  for (const [path, blocks] of Object.entries(PAGES)) {
    const file = join(root, path)
    writeFileSync(file, written(readFileSync(file, 'utf8'), blocks))
  }
}
