import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { SNAPSHOT_METRICS } from '../../src/exporter/metrics.ts'
import { OTLP_METRICS } from '../../src/exporter/otlp-metrics.ts'
import { PROCESS_METRICS } from '../../src/exporter/process-metrics.ts'
import { SEAL_METRICS } from '../../src/exporter/seal-metrics.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { EXPORTED_VIEWS } from '../../src/ledger/view-rows.ts'
import { twoWeekends } from './two-weekends.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/methods.md'), 'utf8')
const sectionOf = (title: string): string => page.split(/^## /m).find((text) => text.startsWith(title)) ?? ''
/** Cells of the rows of a section, by the first of which is code. */
const rowsOf = (title: string): readonly string[][] =>
  [...sectionOf(title).matchAll(/^\| (`.+) \|$/gm)].map(([, row = '']) => row.split(' | '))
const codes = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)

/** What a row has is a number, and needs a formula; the other columns name or label it. */
const NUMBER = /(?:_kwh|_g|_pct|_l|_w|_j|_s|_dq|_per_kwh|^pue|^dq)$/

test('each metric has its formula, once', () => {
  const names = [...SNAPSHOT_METRICS, ...SEAL_METRICS, ...OTLP_METRICS, ...PROCESS_METRICS].map(({ name }) => name)
  assert.deepEqual(
    rowsOf('Metrics')
      .flatMap(([metrics]) => codes(metrics))
      .sort(),
    names.sort(),
  )
})

test('each column with a number has its formula, once', async (t) => {
  const db = openReadOnly(join(await twoWeekends(t), 'ledger.db'))
  t.after(() => db.close())
  const columns = EXPORTED_VIEWS.flatMap((view) =>
    db
      .prepare(`SELECT * FROM ${view}`)
      .columns()
      .filter(({ name }) => NUMBER.test(name))
      .map(({ name }) => `${view}.${name}`),
  )
  const explained = rowsOf('Columns').flatMap(([views, names]) =>
    codes(views).flatMap((view) => codes(names).map((name) => `${view}.${name}`)),
  )
  assert.ok(columns.length > 60)
  assert.deepEqual(explained.sort(), columns.sort())
})

test('each has a page that explains it', () => {
  for (const row of [...rowsOf('Metrics'), ...rowsOf('Columns')])
    assert.match(row.at(-1) ?? '', /^\[.+\]\(.+\)$/, row[0])
})
