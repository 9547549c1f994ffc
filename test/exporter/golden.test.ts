import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type ExpositionFormat, renderExposition } from '../../src/exporter/exposition.ts'
import { familiesOf } from '../../src/exporter/metric.ts'
import { SNAPSHOT_METRICS } from '../../src/exporter/metrics.ts'
import { PROCESS_METRICS } from '../../src/exporter/process-metrics.ts'
import { difference } from '../evidence/golden.ts'
import { A_SNAPSHOT } from './a-snapshot.ts'
import { parseExposition } from './exposition-parser.ts'

const families = [
  ...familiesOf(SNAPSHOT_METRICS, A_SNAPSHOT),
  ...familiesOf(PROCESS_METRICS, {
    version: '0.1.0',
    nodeVersion: 'v24.0.0',
    cpuSeconds: 12.5,
    startUnixSeconds: 1_772_366_000.25,
    residentBytes: 71_303_168,
    openFds: 27,
  }),
]

const golden: Readonly<Record<ExpositionFormat, string>> = { text: 'scrape.prom', openmetrics: 'scrape.openmetrics' }

for (const format of ['text', 'openmetrics'] as const) {
  test(`the scrape as ${format} is the golden one (UPDATE_GOLDEN=1 rewrites it)`, async () => {
    const file = join(import.meta.dirname, 'golden', golden[format])
    const scrape = await renderExposition(families, format)
    parseExposition(scrape, format)
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, scrape)
    const expected = readFileSync(file, 'utf8')
    assert.ok(scrape === expected, difference(expected, scrape))
  })
}

test('every declared metric is in the scrape, with the labels that it declares', () => {
  const declared = [...SNAPSHOT_METRICS, ...PROCESS_METRICS].map(({ name }) => name)
  assert.deepEqual(
    families.filter(({ series }) => series.length > 0).map(({ name }) => name),
    declared,
  )
  for (const { name, labels, type } of [...SNAPSHOT_METRICS, ...PROCESS_METRICS]) {
    for (const series of families.find((family) => family.name === name)?.series ?? []) {
      const names = Object.keys(series.labels)
      assert.deepEqual(type === 'info' ? names.slice(0, labels.length) : names, labels)
    }
  }
})
