import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import type { Panel } from '@grafana/schema'
import { parse } from 'yaml'
import { DASHBOARDS, jsonOf } from '../../scripts/dashboards.ts'
import { ACCELERATOR_METRICS } from '../../src/exporter/accelerator-metrics.ts'
import { CONSUMER_METRICS } from '../../src/exporter/consumer-metrics.ts'
import { SNAPSHOT_METRICS } from '../../src/exporter/metrics.ts'
import { OTLP_METRICS } from '../../src/exporter/otlp-metrics.ts'
import { PROCESS_METRICS } from '../../src/exporter/process-metrics.ts'
import { SEAL_METRICS } from '../../src/exporter/seal-metrics.ts'
import { SETTLED_METRICS } from '../../src/exporter/settled-metrics.ts'
import { WORKLOAD_METRICS } from '../../src/exporter/workload-metrics.ts'

const root = resolve(import.meta.dirname, '../..')
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

interface Rule {
  readonly alert?: string
  readonly annotations?: Readonly<Record<string, string>>
}
const RULES = globSync('config/prometheus/rules/*.yml', { cwd: root })
const rules = RULES.flatMap((path) =>
  (parse(textOf(path)) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules),
)
const alerts = rules.flatMap(({ alert }) => (alert === undefined ? [] : [alert]))

test('the dashboards are what their source gives', () => {
  assert.deepEqual(globSync('config/grafana/*', { cwd: root }).length, Object.keys(DASHBOARDS).length)
  for (const [name, dashboard] of Object.entries(DASHBOARDS)) {
    assert.equal(textOf(`config/grafana/${name}`), jsonOf(dashboard), `${name}: npm run dashboards writes it anew`)
  }
})

test('no two panels lie on each other, and each says what it shows', () => {
  for (const [name, { panels: all = [] }] of Object.entries(DASHBOARDS)) {
    const panels = all.filter((panel): panel is Panel => 'targets' in panel)
    const taken = new Set<string>()
    for (const { id, title, description, gridPos } of panels) {
      assert.ok(id && title && description && gridPos, `${name}: ${title}`)
      assert.ok(gridPos.x + gridPos.w <= 24)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          assert.ok(!taken.has(`${x},${y}`), `${name}: ${title}`)
          taken.add(`${x},${y}`)
        }
      }
    }
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  }
})

test('rules, dashboards and their pages name only metrics that there are', () => {
  const known = new Set(
    [
      SNAPSHOT_METRICS,
      PROCESS_METRICS,
      CONSUMER_METRICS,
      ACCELERATOR_METRICS,
      SETTLED_METRICS,
      SEAL_METRICS,
      OTLP_METRICS,
      WORKLOAD_METRICS,
    ].flatMap((metrics: readonly { readonly name: string }[]) => metrics.map(({ name }) => name)),
  )
  // Those of examples in comments too.
  for (const path of RULES) for (const [, name = ''] of textOf(path).matchAll(/record: (\S+)/g)) known.add(name)
  let named = 0
  const pages = [...RULES, ...globSync('config/grafana/*.json', { cwd: root }), 'docs/bills.md', 'docs/runbooks.md']
  for (const page of pages) {
    for (const [name] of textOf(page).matchAll(
      /(?<![\w:-])(?:[a-z_]+:)?wattledger(?::|_)[a-z0-9_]+(?::[a-z0-9_]+)?/g,
    )) {
      named += 1
      assert.ok(known.has(name), `${page}: ${name}`)
    }
  }
  assert.ok(named > 100)
})

test('each range holds four scrapes and more, at one a minute', () => {
  const unitS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 }
  const ranges = [...RULES, 'docs/bills.md'].flatMap((path) => {
    const text = path.endsWith('.md') ? [...textOf(path).matchAll(/```promql[\s\S]*?```/g)].join('\n') : textOf(path)
    return [...text.matchAll(/\[(\d+)([mhd])/g)]
  })
  assert.ok(ranges.length > 10)
  for (const [range, count, unit = ''] of ranges) assert.ok(Number(count) * (unitS[unit] ?? 0) >= 240, range)
  for (const dashboard of Object.values(DASHBOARDS)) {
    for (const [range] of jsonOf(dashboard).matchAll(/\[\w*\$?\w+\](?=[)"])/g)) {
      assert.match(range, /^\[\$__(rate_interval|range)\]$/)
    }
  }
})

test('each alert has its runbook, with what it shows, what it means, how to look and what helps', () => {
  const runbooks = textOf('docs/runbooks.md')
  const sections = [...runbooks.matchAll(/^## (Wattledger\w+)\n([\s\S]*?)(?=^## |(?![\s\S]))/gm)]
  assert.deepEqual(sections.map(([, name]) => name).sort(), [...alerts].sort())
  for (const [, name, text = ''] of sections) {
    for (const word of ['Symptom', 'Meaning', 'Look', 'Remedy'])
      assert.ok(text.includes(`**${word}.**`), `${name}: ${word}`)
  }
  for (const { alert, annotations } of rules) {
    if (alert !== undefined) assert.equal(annotations?.runbook_url, `docs/runbooks.md#${alert.toLowerCase()}`)
  }
})
