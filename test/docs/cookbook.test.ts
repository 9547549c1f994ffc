import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { NOW, twoWeekends } from './two-weekends.ts'

const PAGE = resolve(import.meta.dirname, '../../docs/cookbook.md')
const page = readFileSync(PAGE, 'utf8')
const RECIPE = /```sql\n([\s\S]*?)```\n(?:\n```\n([\s\S]*?)```\n)?/g
const recipes = [...page.matchAll(RECIPE)].map(([, query = '', answer = '']) => ({ query, answer }))
const noSqlite3 = spawnSync('sqlite3', ['-version']).error !== undefined && process.env.CI !== 'true'

/** The page's now is that of its ledger. */
const thatEvening = (query: string): string =>
  query.replaceAll("'now'", `'${new Date(NOW).toISOString().slice(0, 19)}'`)

/** The cells of what `sqlite3 -column -header` prints, by its line of dashes. */
function cellsOf(answer: string): string[][] {
  const [head = '', dashes = '', ...rows] = answer.trimEnd().split('\n')
  const columns = [...dashes.matchAll(/-+/g)].map(({ index }) => index)
  return [head, ...rows].map((line) => columns.map((from, n) => line.slice(from, columns[n + 1]).trim()))
}

test('each recipe is answered as the page shows, by the sqlite3 program (UPDATE_GOLDEN=1 writes it)', {
  skip: noSqlite3 && 'needs the program sqlite3 (Debian package sqlite3)',
}, async (t) => {
  const ledger = join(await twoWeekends(t), 'ledger.db')
  const ask = (query: string): string =>
    execFileSync('sqlite3', ['-readonly', '-column', '-header', ledger, query], { encoding: 'utf8' }).replaceAll(
      / +$/gm,
      '',
    )
  if (process.env.UPDATE_GOLDEN) {
    const fresh = (_: string, query: string) =>
      `\`\`\`sql\n${query}\`\`\`\n\n\`\`\`\n${ask(thatEvening(query))}\`\`\`\n`
    writeFileSync(PAGE, page.replaceAll(RECIPE, fresh))
    return
  }
  for (const { query, answer } of recipes) {
    assert.equal(ask(thatEvening(query)), answer, query)
    assert.doesNotThrow(() => ask(query), 'as a reader types it')
  }
  const shell = /```sh\n(.+)\n```/.exec(page)?.[1]?.replace('/var/lib/wattledger/ledger.db', ledger)
  assert.match(execFileSync('sh', ['-ec', shell ?? ''], { encoding: 'utf8' }), /^day /)
})

test('and by the SQLite that the agent brings', async (t) => {
  const db = openReadOnly(join(await twoWeekends(t), 'ledger.db'))
  t.after(() => db.close())
  assert.equal(recipes.length, 22)
  for (const { query, answer } of recipes) {
    const statement = db.prepare(thatEvening(query))
    const [head, ...rows] = cellsOf(answer)
    assert.deepEqual(
      statement.columns().map(({ name }) => name),
      head,
      query,
    )
    const told = statement.raw().all() as unknown[][]
    assert.ok(told.length > 0, query)
    const known = rows.map((row, y) => row.map((cell, x) => (typeof told[y]?.[x] === 'number' ? Number(cell) : cell)))
    assert.deepEqual(
      told.map((row) => row.map((cell) => cell ?? '')),
      known,
      query,
    )
  }
})
