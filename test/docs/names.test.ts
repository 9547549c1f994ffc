import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { jsonSchema } from '../../src/config/shape.ts'
import { SNAPSHOT_METRICS } from '../../src/exporter/metrics.ts'
import { OTLP_METRICS } from '../../src/exporter/otlp-metrics.ts'
import { PROCESS_METRICS } from '../../src/exporter/process-metrics.ts'
import { SEAL_METRICS } from '../../src/exporter/seal-metrics.ts'
import { allOf, PAGES } from './blocks.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const textsOf = (...patterns: string[]): string =>
  globSync(patterns, { cwd: ROOT })
    .map((path) => readFileSync(join(ROOT, path), 'utf8'))
    .join('\n')
const inline = allOf('inline')
/** Names of other programs, and those that are put together from pieces when they are written. */
const ELSEWHERE = [
  'write_relabel_configs',
  'target_info',
  'malloc_trim',
  'wattledger_node_hourly_energy_kwh',
  'transport_g',
  'end_of_life_g',
  'site_l',
]
/** Metrics of other programs. */
const OTHERS = /^(?:node_rapl|node_hwmon|kepler|scaph|ceems|ipmi_dcmi)_/
/** Files of the state directory, which is no section of the configuration. */
const FILES = /^ledger\.db/

/** What of JSON Schema leads to a key. */
interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>
  readonly additionalProperties?: Shape | boolean
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
  readonly oneOf?: readonly Shape[]
}

function has(shape: Shape, keys: readonly string[]): boolean {
  const [key, ...rest] = keys
  if (key === undefined) return true
  const forms = [...(shape.anyOf ?? []), ...(shape.oneOf ?? []), ...(shape.items ? [shape.items] : [])]
  const own = shape.properties?.[key]
  return (own !== undefined && has(own, rest)) || forms.some((form) => has(form, keys))
}

test('each key of the configuration that a page names is one', () => {
  const schema = jsonSchema() as Shape
  const sections = Object.keys(schema.properties ?? {})
  const named = inline.flatMap(({ page, text }) =>
    [...(FILES.test(text) ? '' : text).matchAll(/^([a-z]+(?:\.[a-z_0-9]+)+)(?=$|[:=])/g)].map(([, key = '']) => ({
      page,
      key: key.split('.'),
    })),
  )
  const ours = named.filter(({ key: [section = ''] }) => sections.includes(section))
  for (const { page, key } of ours) assert.ok(has(schema, key), `${page}: ${key.join('.')}`)
  assert.ok(ours.length > 80, `${ours.length}`)
})

test('each metric that a page names is one, or is recorded by a rule', () => {
  const metrics = [...SNAPSHOT_METRICS, ...SEAL_METRICS, ...OTLP_METRICS, ...PROCESS_METRICS]
  const known = new Set(metrics.map(({ name }) => name))
  for (const [, name = ''] of textsOf('config/prometheus/**/*.yml').matchAll(/record: (\S+)/g)) {
    known.add(name)
    // What each level records is named once, without the level.
    known.add(name.replace(/^\w+:/, ''))
  }
  let named = 0
  for (const page of PAGES) {
    for (const [name] of readFileSync(join(ROOT, page), 'utf8').matchAll(
      /(?<![\w.:/-])(?:[a-z_]+:)?wattledger_[\w:]*[a-z0-9](?![\w*]|\.\*)/g,
    )) {
      named += 1
      assert.ok(known.has(name) || ELSEWHERE.includes(name), `${page}: ${name}`)
    }
  }
  assert.ok(named > 100, `${named}`)
})

test('each name with an underscore that a page names is somewhere in what is shipped', () => {
  const shipped = textsOf(
    '{src,native,scripts,config,packaging,systemd}/**/*.{ts,js,cc,h,yml,yaml,json,service,rules,conf}',
  )
  let named = 0
  for (const { page, text } of inline) {
    for (const [name] of text.matchAll(/(?<![\w.:/-])[a-z]+(?:_[a-z0-9]+)+(?![\w.*:/-])/g)) {
      named += 1
      assert.ok(shipped.includes(name) || ELSEWHERE.includes(name) || OTHERS.test(name), `${page}: ${name}`)
    }
  }
  assert.ok(named > 500, `${named}`)
})
