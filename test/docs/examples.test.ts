import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { parseIntensities } from '../../src/carbon/sources/intensity-file.ts'
import { parseConfig } from '../../src/config/loader.ts'
import { jsonSchema } from '../../src/config/shape.ts'
import { webConfigSchema } from '../../src/exporter/web-config/schema.ts'
import { parseTopology } from '../../src/fleet/read-topology.ts'
import { parseFacts } from '../../src/fleet/report/read-facts.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { DAY_MS } from '../../src/model/time.ts'
import { parsePrices } from '../../src/report/price-file.ts'
import { allOf, blocks, PAGES } from './blocks.ts'
import { NOW, twoWeekends } from './two-weekends.ts'

const at = (unixMs: number, query: string): string =>
  query.replaceAll("'now'", `'${new Date(unixMs).toISOString().slice(0, 19)}'`)
/** promtool checks it: test/exporter/rules. */
const PROMETHEUS = resolve(import.meta.dirname, '../../config/prometheus/prometheus.yml')
const accepts = (text: string): boolean => {
  try {
    parseConfig(text, { HOME: '/root' }, 'a document')
    return true
  } catch {
    return false
  }
}
const indented = (text: string, by: string): string => text.replaceAll(/^(?=.)/gm, by)
/** Where the lines of docs/configuration.md that show one key stand in the file. */
const PARENTS = [
  (line: string) => `carbon:\n${indented(line, '  ')}`,
  (line: string) => `carbon:\n  water:\n${indented(line, '    ')}`,
  (line: string) => `report:\n${indented(line, '  ')}`,
]

test('each configuration of the documents is one', () => {
  const keys = Object.keys(jsonSchema().properties ?? {})
  let whole = 0
  for (const { page, text } of allOf('yaml')) {
    const [first = ''] = Object.keys(parse(text.split('\n').slice(0, 1).join('\n')) ?? {})
    // They have schemas of their own: test/commands/exec-boamps.test.ts, test/fleet/allocate/command.test.ts.
    if (first === 'task' || first === 'terms') continue
    if (first === 'places') {
      assert.doesNotThrow(() => parseTopology(text, page), `${page}\n${text}`)
      continue
    }
    if (first === 'scope1') {
      assert.doesNotThrow(() => parseFacts(text, page), `${page}\n${text}`)
      continue
    }
    if (first === 'tls_server_config') {
      assert.ok(webConfigSchema.safeParse(parse(text)).success, page)
      continue
    }
    if (first === 'scrape_configs') {
      assert.deepEqual(parse(text).scrape_configs, parse(readFileSync(PROMETHEUS, 'utf8')).scrape_configs, page)
      continue
    }
    if (keys.includes(first)) {
      assert.doesNotThrow(() => parseConfig(text, { HOME: '/root' }, page), `${page}\n${text}`)
      whole += 1
      continue
    }
    for (const line of text.trimEnd().split('\n')) {
      assert.ok(
        PARENTS.some((inside) => accepts(inside(line))),
        `${page}: ${line}`,
      )
    }
  }
  assert.ok(whole > 10)
  assert.ok(!PARENTS.some((inside) => accepts(inside('location: { source: nothing }'))))
})

test('each query of the documents is answered', async (t) => {
  const db = openReadOnly(join(await twoWeekends(t), 'ledger.db'))
  t.after(() => db.close())
  const queries = allOf('sql').flatMap(({ page, text }) =>
    text
      .split(/;\n/)
      .filter((query) => query.trim() !== '')
      .map((query) => ({ page, query })),
  )
  assert.ok(queries.length > 25)
  for (const { page, query } of queries) {
    // Some ask for today, some for yesterday.
    const answers = [NOW, NOW + DAY_MS].map((now) => db.prepare(at(now, query)).all())
    assert.ok(answers.flat().length > 0, `${page}: ${query}`)
  }
})

test('each file that a page shows is read', () => {
  for (const { text } of allOf('csv')) assert.equal(parsePrices(text).length, 2)
  for (const { text } of allOf('json')) assert.equal(parseIntensities(text, 'figures.json').length, 1)
  assert.deepEqual([allOf('csv').length, allOf('json').length], [1, 1])
})

/** By what runs the blocks of a language; all others need a program that is not here, and say so. */
const LANGUAGES: Readonly<Record<string, string>> = {
  '': 'test/docs/commands.test.ts: commands; all else is what they say, or a formula',
  csv: 'above',
  json: 'above',
  nginx: 'nothing: it takes nginx; test/page asks through a proxy of its own',
  promql: 'test/exporter/rules/documents.system.ts, test/evidence/bills.system.ts',
  python: 'nothing as it stands; test/windows/clients.system.ts calls the same functions',
  sh: 'test/docs/commands.test.ts',
  sql: 'above; test/docs/cookbook.test.ts',
  typescript: 'nothing as it stands; test/windows/clients.system.ts calls the same functions',
  yaml: 'above',
}

test('no block is in a language that nobody thought of', () => {
  const used = new Set(PAGES.flatMap(blocks).map(({ language }) => language))
  used.delete('inline')
  assert.deepEqual([...used].sort(), Object.keys(LANGUAGES).sort())
})
