import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { SNAPSHOT_METRICS } from '../../src/exporter/metrics.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'

const root = resolve(import.meta.dirname, '../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

test('the README names every metric, and no other', () => {
  const table = readme.slice(readme.indexOf('## Metrics'), readme.indexOf('## Ledger'))
  const named = new Set([...table.matchAll(/^\|.*$/gm)].flatMap(([row]) => row.match(/wattledger_\w+/g) ?? []))
  assert.deepEqual([...named].sort(), [...SNAPSHOT_METRICS.map(({ name }) => name), 'wattledger_build_info'].sort())
})

test("the documents' queries run on a ledger, and its views have the columns that the README names", async () => {
  const directory = mkdtempSync(join(tmpdir(), 'wattledger-readme-'))
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const ledger = new Ledger({
    path: join(directory, 'ledger.db'),
    keep: { rawMs: 1e9, minutesMs: 1e9 },
    logger: log,
    unixMs: Date.now,
  })
  try {
    await ledger.start(new AbortController().signal)
    const db = openReadOnly(join(directory, 'ledger.db'))
    for (const page of [readme, readFileSync(join(root, 'docs/carbon.md'), 'utf8')]) {
      const queries = /```sql\n([\s\S]*?)```/.exec(page)?.[1]?.split(/;\n/) ?? []
      const asked = queries.filter((query) => query.trim() !== '')
      assert.equal(asked.length, 3)
      for (const query of asked) assert.doesNotThrow(() => db.prepare(query).all(), query)
    }
    const rows = readme.matchAll(/^\| (`[a-z_`, ]+`) \| (?:`(\w+)` or `\w+`, )?`([a-z0-9_, ]+)` \|$/gm)
    let views = 0
    for (const [, names = '', first, columns = ''] of rows) {
      for (const view of names.replaceAll('`', '').split(', ')) {
        const expected = [...(first ? [view === 'node_daily' ? 'day' : 'hour'] : []), ...columns.split(', ')]
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
    assert.equal(views, 9)
    db.close()
  } finally {
    await ledger.stop()
    rmSync(directory, { recursive: true })
  }
})

test('the README names every dependency with its reason, and no other', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const section = readme.slice(readme.indexOf('## Dependencies'), readme.indexOf('## Licence'))
  const rows = [...section.matchAll(/^\| (`.+`) \| (.+) \| (.+) \|$/gm)]
  const named = rows.flatMap(([, names = '']) => names.replaceAll('`', '').split(', '))
  const { dependencies, devDependencies, optionalDependencies } = manifest
  assert.deepEqual(named.sort(), Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).sort())
})
