import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { STEPS } from '../../src/ledger/schema/steps.ts'
import { EXPORTED_VIEWS } from '../../src/ledger/view-rows.ts'
import { afterwards } from '../ledger/setting.ts'
import { sealedLedger } from '../seal/setting.ts'
import { configOf, fill, MAIN, program } from './export-setting.ts'

test('CSV is that of RFC 4180, and both formats have every view as the ledger has it', async (t) => {
  const books = await sealedLedger(t)
  books.write(0, 30)
  const run = program(books.state)
  const db = openReadOnly(books.path)
  afterwards(t, () => db.close())
  for (const view of EXPORTED_VIEWS) {
    const rows = db.prepare<[], Record<string, unknown>>(`SELECT * FROM ${view}`).all()
    const { status, stdout, stderr } = await run('export', '--view', view, '--format', 'jsonl')
    assert.deepEqual([status, stderr], [0, ''], view)
    const lines = stdout.split('\n').slice(0, -1)
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      rows,
      view,
    )
  }
  const csv = (await run('export', '--view', 'events', '--format', 'csv')).stdout
  assert.equal(
    csv,
    'at,what,detail\r\n2026-11-22T03:00:01Z,meter_changed,"from ""a"" to ""b"", 0"\r\n2026-11-23T03:00:01Z,meter_changed,"from ""a"" to ""b"", 24"\r\n',
  )
  assert.match((await run('export')).stdout, /^hour,energy_kwh,.*\r\n2026-11-22T02:00:00Z,0\.000277778,.*,,/)
})

test('a span takes its begin and leaves its end', async (t) => {
  const books = await sealedLedger(t)
  books.write(0, 60)
  const run = program(books.state)
  const times = async (...words: string[]) =>
    (await run('export', ...words)).stdout
      .split('\r\n')
      .slice(1, -1)
      .map((line) => line.split(',')[0])
  assert.deepEqual(await times('--from', '2026-11-23T05:00:00Z', '--to', '2026-11-23T07:00Z'), [
    '2026-11-23T05:00:00Z',
    '2026-11-23T06:00:00Z',
  ])
  assert.deepEqual(await times('--view', 'node_daily', '--from', '2026-11-23', '--to', '2026-11-24'), ['2026-11-23'])
  assert.equal((await times('--from', '2026-11-24')).length, 14)
  assert.deepEqual(await times('--to', '2000-01-01'), [])
})

test('what cannot be exported is said in a line, and nothing is overwritten', async (t) => {
  const books = await sealedLedger(t)
  books.write(0, 2)
  const run = program(books.state)
  const kept = join(books.state, 'kept.csv')
  writeFileSync(kept, 'mine')
  mkdirSync(join(books.state, 'folder'))
  symlinkSync(books.path, join(books.state, 'books.db'))
  for (const [words, status, said] of [
    [
      '--view node_hourl',
      2,
      /^error: --view: expected node_hourly, .+ or .+, received "node_hourl" \(did you mean node_hourly\?\)$/,
    ],
    ['--view settled_emission', 2, /^error: --view: expected/],
    ['--view sqlite_schema;', 2, /^error: --view: expected/],
    ['--format xls', 2, /^error: --format: expected csv, jsonl, openmetrics or parquet, received "xls"$/],
    ['--format constructor', 2, /^error: --format: expected/],
    [
      '--from 2026-11-02 --to 2026-11-01',
      2,
      /^error: --to: expected a time after 2026-11-02T00:00Z, received 2026-11-01T00:00Z$/,
    ],
    ['--from yesterday', 2, /^error: --from: expected a day or an RFC 3339 time, .+, received "yesterday"$/],
    ['--from 2026-02-30', 2, /^error: --from: expected a day or/],
    [
      '--view node_daily --to 2026-11-01T05:00Z',
      2,
      /^error: --to: expected a full UTC day, received "2026-11-01T05:00Z"$/,
    ],
    ['--view gaps --format openmetrics', 2, /^error: --view: expected one with figures by the hour or the day/],
    ['--force', 2, /^error: --force: expected --out FILE$/],
    ['--out ledger.db --force', 2, /^error: --out: .+ is of the ledger: choose another name$/],
    ['--out books.db --force', 2, /^error: --out: .+ is of the ledger: choose another name$/],
    ['--out seals/2026-11-22.seal', 2, /^error: --out: .+ is of the ledger: choose another name$/],
    ['--label rack=r12', 2, /^error: --label: expected --format openmetrics$/],
    ['--format openmetrics --label rack', 2, /^error: --label: expected a name and a value, .+, received "rack"$/],
    ['--format openmetrics --label __name__=x', 2, /^error: --label: expected a name and/],
    ['--format openmetrics --label meter=x', 2, /^error: --label: expected a name that node_hourly has not/],
    ['--forec', 2, /^error: unknown option '--forec' \(did you mean --force\?\)$/],
    ['node_hourly', 2, /^error: unexpected argument 'node_hourly'$/],
    [
      '--out kept.csv',
      1,
      /^wattledger: --out: .+kept.csv is there already: choose another name, or overwrite it with --force$/,
    ],
    ['--out folder --force', 1, /\/folder is there and is no regular file: choose another name$/],
    [
      '--out /dev/null --force',
      1,
      /^wattledger: --out: \/dev\/null is there and is no regular file: choose another name$/,
    ],
    ['--out kept.csv/a.csv', 1, /^wattledger: --out: cannot write .+kept.csv\/a.csv: ENOTDIR/],
    ['--out nowhere/a.csv', 1, /^wattledger: --out: cannot write .+nowhere\/a.csv: there is no folder .+nowhere$/],
  ] as const) {
    const told = await run('export', ...words.replace(/--out (?!\/)/, `--out ${books.state}/`).split(' '))
    assert.deepEqual([told.status, told.stdout], [status, ''], words)
    assert.match(told.stderr.trimEnd(), said)
    assert.equal(told.stderr.split('\n').length, 2, words)
  }
  assert.equal(readFileSync(kept, 'utf8'), 'mine')
  const link = join(books.state, 'link.csv')
  symlinkSync(kept, link)
  assert.equal((await run('export', '--out', link, '--force')).status, 0)
  assert.match(readFileSync(kept, 'utf8'), /^hour,/)
  assert.equal((await run('export', '--out', join(books.state, 'new.csv'))).status, 0)
  assert.equal(readFileSync(join(books.state, 'new.csv'), 'utf8'), readFileSync(kept, 'utf8'))
  assert.deepEqual(
    readdirSync(books.state).filter((name) => name.startsWith('.')),
    [],
    'no draft is left',
  )
})

test('a ledger that is missing, foreign or locked is said so, and no file is made', async (t) => {
  const books = await sealedLedger(t)
  books.write(0, 23)
  await books.ledger.stop()
  const run = program(books.state)
  const out = join(books.state, 'a.csv')
  const writer = new Database(books.path)
  writer.pragma('locking_mode = EXCLUSIVE')
  writer.exec('BEGIN EXCLUSIVE')
  for (const command of [['export', '--out', out], ['seal'], ['verify']]) {
    const { status, stderr } = await run(...command)
    // Of a chain without seals nothing is read.
    assert.deepEqual([command[0], status], [command[0], 1])
    assert.match(
      stderr,
      /^wattledger: the ledger .* is locked by a program other than the agent: end that program, or try again\n$/,
    )
  }
  writer.close()
  writeFileSync(books.path, 'something else, and long enough to be taken for a database or not')
  assert.match((await run('export', '--out', out)).stderr, /^wattledger: .* is not a ledger, or damaged.*\n$/)
  rmSync(books.path)
  const other = new Database(books.path)
  other.exec('CREATE TABLE t (a)')
  other.close()
  assert.match((await run('export', '--out', out)).stderr, /^wattledger: .*\n$/)
  rmSync(books.path)
  for (const command of ['export', 'seal', 'verify']) {
    const { status, stderr } = await run(command)
    assert.equal(status, 1)
    assert.match(stderr, /^wattledger: there is no ledger .*\n$/)
  }
  assert.equal(existsSync(out), false)
})

test('a ledger of another version is said so, and no file is made', async (t) => {
  for (const [step, said] of [
    [
      -1,
      /^wattledger: .* and this version reads format \d+: start the agent of this version, which brings it there\n$/,
    ],
    [1, /^wattledger: .* has ledger format \d+; this version knows formats up to \d+ .*\n$/],
  ] as const) {
    const books = await sealedLedger(t)
    books.write(0, 2)
    await books.ledger.stop()
    const db = new Database(books.path)
    db.pragma(`user_version = ${STEPS.length + step}`)
    db.close()
    const out = join(books.state, 'a.csv')
    const { status, stderr } = await program(books.state)('export', '--out', out)
    assert.deepEqual([status, existsSync(out)], [1, false])
    assert.match(stderr, said)
  }
})

test('bytes are not written on a terminal', async (t) => {
  const books = await sealedLedger(t)
  const { status, stdout, stderr } = await program(books.state, { tty: true })('export', '--format', 'parquet')
  assert.deepEqual([status, stdout], [2, ''])
  assert.match(stderr, /^error: --format parquet: expected --out FILE/)
})

test('a terminal sees how far it is, and nothing of it remains', async (t) => {
  const books = await sealedLedger(t)
  fill(t, books.path, 24 * 366)
  for (const format of ['csv', 'jsonl', 'openmetrics', 'parquet']) {
    const out = ['--out', join(books.state, format)]
    const { status, stderr } = await program(books.state, { tty: true })('export', '--format', format, ...out)
    assert.equal(status, 0)
    const lines = stderr.split('\r\u001b[K')
    const shares = lines
      .flatMap((line) => /^Exporting node_hourly \[#* *\] +(\d+) %$/.exec(line)?.[1] ?? [])
      .map(Number)
    assert.ok(shares.length > 2, `${format}: ${shares.length} steps`)
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => a - b),
    )
    assert.equal(lines.at(-1), '')
  }
})

test('a reader that stops reading ends the export in peace', async (t) => {
  const books = await sealedLedger(t)
  fill(t, books.path, 24 * 366)
  const words = `"${process.execPath}" "${MAIN}" export -c "${configOf(books.state)}"`
  const line = `${words} | head -n 2; test "\${PIPESTATUS[0]}" = 0`
  const { status, stdout, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' })
  assert.deepEqual([status, stderr, stdout.split('\r\n').length], [0, '', 3])
})

test('an export that is stopped leaves no file', async (t) => {
  const books = await sealedLedger(t)
  fill(t, books.path, 24 * 366)
  const words = [MAIN, 'export', '--view', 'channel_hourly', '--out', 'a.csv', '-c', configOf(books.state)]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'], cwd: books.state })
  const exited = once(child, 'exit')
  const names = () => readdirSync(books.state).filter((name) => name.includes('a.csv'))
  while (child.exitCode === null && names().length === 0) await setImmediate(null, { signal: t.signal })
  child.kill('SIGINT')
  const [code] = await exited
  // It may just have been done.
  assert.deepEqual(names(), code === 0 ? ['a.csv'] : [])
})
