import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { SNAPSHOT_METRICS } from '../../src/exporter/metrics.ts'
import { OTLP_METRICS } from '../../src/exporter/otlp-metrics.ts'
import { PROCESS_METRICS } from '../../src/exporter/process-metrics.ts'
import { SEAL_METRICS } from '../../src/exporter/seal-metrics.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'

const root = resolve(import.meta.dirname, '../..')
const pageOf = (path: string): string => readFileSync(join(root, path), 'utf8')
const readme = pageOf('README.md')

test('the README fits on one screen of reading, with a picture that is quick to load', () => {
  assert.ok(readme.split(/\s+/).length <= 700)
  const [, picture = ''] = /!\[.+\]\((.+\.png)\)/.exec(readme) ?? []
  assert.ok(statSync(join(root, picture)).size <= 250_000)
})

test('metrics.md names every metric, and no other; the README only such', () => {
  const names = [...SNAPSHOT_METRICS, ...SEAL_METRICS, ...OTLP_METRICS, ...PROCESS_METRICS].map(({ name }) => name)
  const rows = [...pageOf('docs/metrics.md').matchAll(/^\| `((?:wattledger|process)_\w+)` \|/gm)]
  assert.deepEqual(rows.map(([, name]) => name).sort(), names.sort())
  const shown = readme.match(/^wattledger_\w+/gm) ?? []
  assert.ok(shown.length >= 10)
  for (const name of shown) assert.ok(names.includes(name), name)
})

test("the documents' queries run on a ledger, and its views have the columns that ledger.md names", async () => {
  const directory = mkdtempSync(join(tmpdir(), 'wattledger-readme-'))
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const ledger = new Ledger({
    path: join(directory, 'ledger.db'),
    keep: { rawMs: 1e9, minutesMs: 1e9, consumersMs: 1e9 },
    logger: log,
    unixMs: Date.now,
  })
  try {
    await ledger.start(new AbortController().signal)
    const db = openReadOnly(join(directory, 'ledger.db'))
    for (const [page, count] of Object.entries({ 'README.md': 1, 'docs/ledger.md': 4, 'docs/carbon.md': 3 })) {
      const queries = [...pageOf(page).matchAll(/```sql\n([\s\S]*?)```/g)].flatMap(([, text = '']) => text.split(/;\n/))
      const asked = queries.filter((query) => query.trim() !== '')
      assert.equal(asked.length, count, page)
      for (const query of asked) assert.doesNotThrow(() => db.prepare(query).all(), query)
    }
    const rows = pageOf('docs/ledger.md').matchAll(
      /^\| (`[a-z_`, ]+`) \| (?:`(\w+)` or `\w+`, )?`([a-z0-9_, ]+)` \|$/gm,
    )
    let views = 0
    for (const [, names = '', first, columns = ''] of rows) {
      for (const view of names.replaceAll('`', '').split(', ')) {
        const expected = [...(first ? [view.endsWith('_daily') ? 'day' : 'hour'] : []), ...columns.split(', ')]
        const { n } = db
          .prepare("SELECT count(*) AS n FROM sqlite_schema WHERE type = 'view' AND name = ?")
          .get(view) as { n: number }
        if (n === 0) continue
        views += 1
        assert.deepEqual(
          db
            .prepare(`SELECT * FROM ${view}`)
            .columns()
            .map(({ name }) => name),
          expected,
          view,
        )
      }
    }
    assert.equal(views, 12)
    db.close()
  } finally {
    await ledger.stop()
    rmSync(directory, { recursive: true })
  }
})

test('CONTRIBUTING.md names every dependency with its reason, and no other', () => {
  const manifest = JSON.parse(pageOf('package.json'))
  const contributing = pageOf('CONTRIBUTING.md')
  const section = contributing.slice(contributing.indexOf('## Dependencies'), contributing.indexOf('## Questions'))
  const rows = [...section.matchAll(/^\| (`.+`) \| (.+) \| (.+) \|$/gm)]
  const named = rows.flatMap(([, names = '']) => names.replaceAll('`', '').split(', '))
  const { dependencies, devDependencies, optionalDependencies } = manifest
  assert.deepEqual(named.sort(), Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).sort())
})
