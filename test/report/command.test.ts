import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { STEPS } from '../../src/ledger/schema/steps.ts'
import { WEB } from '../ledger/consumers-setting.ts'
import { FOREVER, scratchDirectory, startLedger, steadyBatch, T0 } from '../ledger/setting.ts'
import { asked, configured, NOW } from './asked.ts'
import { handMade, handMadeBatch, START } from './hand-made.ts'

const MONTH = { month: '2026-10' }
const DAY_MS = 86_400_000
const ESCAPE = '\u001b'

test('a wrong option is one line and exit code 2', async (t) => {
  const folder = await handMade(t)
  for (const [options, line] of [
    [{ by: 'dya' }, '--by: expected hour, day, month, part, consumer or tenant, received "dya" (did you mean day?)'],
    [{ format: 'xls' }, '--format: expected table, csv, json, md, html, pdf or if, received "xls"'],
    [{ tenant: 'lab', by: 'part' }, '--by with --tenant: expected consumer, day or month, received "part"'],
    [
      { from: '2026-10-02', to: '2026-10-01', month: undefined },
      '--to: expected a time after 2026-10-02T00:00Z, received 2026-10-01T00:00Z',
    ],
    [{ format: 'pdf' }, '--format pdf: expected --out FILE'],
    [{ out: '' }, '--out: expected a file'],
    [{ force: true }, '--force: expected --out FILE'],
    [
      { from: '2024-01-01', to: '2026-01-01', month: undefined, by: 'hour' },
      '--by hour: expected a time of at most 400 days, since it has a row for each hour',
    ],
  ] as const) {
    assert.deepEqual(await asked(folder, { ...MONTH, ...options }), { code: 2, out: '', err: `error: ${line}\n` })
  }
})

test('a ledger that is missing, foreign, of another version or locked is one line and exit code 1', async (t) => {
  const refused = async (folder: string, line: RegExp) => {
    const { code, out, err } = await asked(folder, MONTH)
    assert.deepEqual([code, out], [1, ''])
    assert.match(err, line)
    assert.equal(err.trimEnd().split('\n').length, 1, err)
  }
  await refused(scratchDirectory(t), /there is no ledger/)
  const garbage = scratchDirectory(t)
  writeFileSync(join(garbage, 'ledger.db'), 'x'.repeat(5000))
  await refused(garbage, /is not a ledger, or damaged/)
  for (const [format, line] of [
    [STEPS.length - 1, /has ledger format 4, and this version reads format 5: start the agent of this version/],
    [STEPS.length + 1, /has ledger format 6; this version knows formats up to 5/],
  ] as const) {
    const folder = await handMade(t)
    const db = new Database(join(folder, 'ledger.db'))
    db.pragma(`user_version = ${format}`)
    db.close()
    await refused(folder, line)
  }
  const locked = await handMade(t)
  const holder = new Database(join(locked, 'ledger.db'))
  holder.pragma('locking_mode = EXCLUSIVE')
  holder.exec('BEGIN EXCLUSIVE')
  await refused(locked, /the ledger .* is locked by a program other than the agent: end that program, or try again/)
  holder.close()
})

test('a file is written as a whole, never overwritten without --force, and nothing is left of a failure', async (t) => {
  const folder = await handMade(t)
  const target = scratchDirectory(t)
  const out = join(target, 'report.csv')
  const options = { ...MONTH, format: 'csv', out }
  assert.deepEqual(await asked(folder, options), { code: 0, out: '', err: '' })
  const first = readFileSync(out, 'utf8')
  assert.match(first, /^start,end,/)
  writeFileSync(out, 'mine')
  const again = await asked(folder, options)
  assert.deepEqual([again.code, again.out], [1, ''])
  assert.equal(
    again.err,
    `wattledger: --out: ${out} is there already: choose another name, or overwrite it with --force\n`,
  )
  assert.equal(readFileSync(out, 'utf8'), 'mine')
  assert.equal((await asked(folder, { ...options, force: true })).code, 0)
  assert.equal(readFileSync(out, 'utf8'), first)

  const ledger = join(folder, 'ledger.db')
  const before = readFileSync(ledger)
  assert.equal((await asked(folder, { ...options, out: ledger, force: true })).code, 2)
  assert.ok(readFileSync(ledger).equals(before))

  const dangling = join(target, 'link')
  symlinkSync(join(target, 'nowhere'), dangling)
  assert.equal((await asked(folder, { ...options, out: dangling })).code, 1)
  assert.equal(existsSync(join(target, 'nowhere')), false)
  const directory = join(target, 'folder')
  mkdirSync(directory)
  const other = await asked(folder, { ...options, out: directory, force: true })
  assert.match(other.err, /is there and is no regular file/)
  const nowhere = await asked(folder, { ...options, out: join(target, 'no/such/place.csv') })
  assert.deepEqual([nowhere.code, nowhere.err.trimEnd().split('\n').length], [1, 1])
  assert.match(nowhere.err, /^wattledger: --out: cannot write .*place\.csv: there is no folder .*such\n$/)
  // A failure of the report itself leaves what was there.
  assert.equal((await asked(folder, { tenant: 'nobody', month: '2026-10', format: 'csv', out, force: true })).code, 1)
  assert.equal(readFileSync(out, 'utf8'), first)
  assert.deepEqual(readdirSync(target).sort(), ['folder', 'link', 'report.csv'])
})

test('standard output on a full disk is a failure, and a reader that has gone is none', async (t) => {
  const folder = await handMade(t)
  const failing = (code: string) =>
    asked(folder, MONTH, { fails: Object.assign(new Error(`${code}: write`), { code }) })
  const full = await failing('ENOSPC')
  assert.deepEqual([full.code, full.err], [1, 'wattledger: cannot write to standard output: ENOSPC: write\n'])
  assert.equal((await failing('EPIPE')).code, 0)
})

test('a report while an agent writes: of one moment, and the writer does not wait', async (t) => {
  const folder = scratchDirectory(t)
  const ledger = await startLedger(t, join(folder, 'ledger.db'), { unixMs: () => NOW })
  assert.ok(ledger.write(steadyBatch(0)))
  const options = { from: '2026-11-22', to: '2026-11-23', format: 'json' }
  const energies: string[] = []
  for (let n = 1; n < 4; n++) {
    energies.push(JSON.parse((await asked(folder, options)).out).total.energyUj)
    assert.ok(ledger.write(steadyBatch(n)))
  }
  assert.deepEqual(energies, ['1000000000', '2000000000', '3000000000'])
  const writer = new Database(join(folder, 'ledger.db'))
  writer.exec('BEGIN IMMEDIATE; DELETE FROM node_hour')
  assert.equal(JSON.parse((await asked(folder, options)).out).total.energyUj, '4000000000')
  writer.exec('ROLLBACK')
  writer.close()
})

test('an empty ledger, and a minute of data, are told as what they are', async (t) => {
  const folder = scratchDirectory(t)
  const ledger = await startLedger(t, join(folder, 'ledger.db'), { unixMs: () => NOW })
  const options = { from: '2026-11-22', to: '2026-11-23' }
  for (const format of ['table', 'csv', 'json', 'md', 'html']) {
    const { code, out, err } = await asked(folder, { ...options, format })
    assert.deepEqual([code, err], [0, ''])
    assert.doesNotMatch(out, /NaN|Infinity|undefined/)
    if (format === 'table') assert.match(out, /the ledger is empty +24\.00/)
  }
  for (const by of ['part', 'tenant']) assert.equal((await asked(folder, { ...options, by, format: 'html' })).code, 0)
  for (let n = 0; n < 6; n++) ledger.write(steadyBatch(n))
  const { out } = await asked(folder, { ...options, by: 'hour' })
  const running = await asked(
    folder,
    { by: 'hour', from: '2026-11-22T02:00:00Z' },
    { now: Date.UTC(2026, 10, 22, 2, 1) },
  )
  assert.match(running.out, /^2026-11-22 02:00 +0\.0016667 +10\.0 +1\.7 /m)
  assert.match(running.out, /^energy of the machine +hours from 2026-11-22T02:00Z on are +0\.98$/m)
  assert.match(out, /^2026-11-22 02:00 +0\.0016667 +10\.0 +1\.7 /m)
  assert.doesNotMatch(out, /NaN|Infinity|undefined/)
})

test('200 consumers and a gap of a week stay readable at 80 columns, and in a picture', async (t) => {
  const folder = scratchDirectory(t)
  const ledger = await startLedger(t, join(folder, 'ledger.db'), { unixMs: () => NOW })
  const steady = steadyBatch(0)
  const consumerRows = Array.from({ length: 200 }, (_, n) => ({
    hourUnixMs: T0,
    consumer: { ...WEB, id: `${n}`, name: `a-service-with-a-rather-long-name-${n}.service` },
    tenant: `tenant-${n % 7}`,
    idleUj: BigInt(n) * 10_000n,
    dynamicUj: BigInt(n * n) * 100n,
  }))
  const gap = { key: null, startedUnixMs: T0 - 7 * DAY_MS, endedUnixMs: T0, reason: 'suspend' } as const
  ledger.write({ ...steady, consumerRows, gaps: [gap] })
  const options = { from: '2026-11-01', to: '2026-11-23' }
  const config = configured(t, 'report: { tariff: { source: flat, currency: EUR, per_kwh: 99 } }')
  for (const by of ['hour', 'consumer', 'tenant']) {
    const { out } = await asked(folder, { ...options, by }, { config })
    for (const line of out.split('\n')) assert.ok(line.length <= 80, line)
    assert.match(out, /the ledger begins at|the machine was suspended +168\.00/)
  }
  const consumers = await asked(folder, { ...options, by: 'consumer', format: 'html' }, { config })
  // One of them had nothing and has no row; what was not split has one.
  assert.match(consumers.out, /The 20 largest of 200\./)
  const hours = await asked(folder, { ...options, by: 'hour', format: 'html' }, { config })
  assert.match(hours.out, /each column is 2 rows of the table/)
  assert.doesNotMatch(hours.out, /NaN|Infinity/)
})

test('a tenant that is not known, and a day that only is whole', async (t) => {
  const folder = await handMade(t)
  const typo = await asked(folder, { ...MONTH, tenant: 'shpo' })
  assert.deepEqual([typo.code, typo.out], [1, ''])
  assert.equal(
    typo.err,
    'wattledger: no tenant "shpo" had energy in this time (did you mean shop?): report --by tenant lists all\n',
  )
  const before = await asked(folder, { tenant: 'lab', month: '2026-09' })
  assert.match(before.err, /no energy by consumer in this time: a statement needs attribution\.enabled/)
})

test('a report names the seal of the last day that lies whole in its time', async (t) => {
  const folder = await handMade(t)
  mkdirSync(join(folder, 'seals'))
  for (const day of ['2026-09-30', '2026-10-02', '2026-10-30', '2026-11-01']) {
    writeFileSync(join(folder, 'seals', `${day}.seal`), day)
  }
  const sealOf = async (options: object) =>
    JSON.parse((await asked(folder, { format: 'json', ...options })).out).about.seal
  const sha256 = createHash('sha256').update('2026-10-30').digest('hex')
  assert.deepEqual(await sealOf(MONTH), { day: '2026-10-30', sha256 })
  assert.equal((await sealOf({ from: '2026-10-01', to: '2026-10-03' })).day, '2026-10-02')
  assert.equal(await sealOf({ from: '2026-10-02T06:00:00Z', to: '2026-10-03' }), null)
  assert.match((await asked(folder, MONTH)).out, new RegExp(`${sha256}\\s+of 2026-10-30 and the days before`))
})

test('days of which the hours are gone have the same statement, and cannot be cut', async (t) => {
  const folder = scratchDirectory(t)
  const clock = { nowUnixMs: START }
  const keep = { ...FOREVER, consumersMs: DAY_MS }
  const ledger = await startLedger(t, join(folder, 'ledger.db'), { keep, unixMs: () => clock.nowUnixMs })
  ledger.write(handMadeBatch())
  const options = { ...MONTH, tenant: 'lab', format: 'json' }
  const hours = JSON.parse((await asked(folder, options)).out)
  clock.nowUnixMs = START + 9 * DAY_MS
  // An hour begins, and retention runs.
  ledger.write({ ...steadyBatch(0), channelRows: [], nodeRows: [], partRows: [] })
  const cut = await asked(folder, { by: 'tenant', from: '2026-10-31T23:00:00Z', to: '2026-11-01' })
  assert.equal(cut.code, 1)
  assert.match(cut.err, /the ledger has 2026-10-31 by consumer only as a whole: begin and end with a full UTC day/)
  const days = JSON.parse((await asked(folder, options)).out)
  assert.deepEqual([days.statement, days.rows], [hours.statement, hours.rows])
})

test('names are never markup, commands of a terminal or formulas', async (t) => {
  const folder = await handMade(t)
  const name = `=HYPERLINK("x")|<script>*${ESCAPE}[31m\n`
  const db = new Database(join(folder, 'ledger.db'))
  db.prepare("UPDATE consumer SET name = ? WHERE kind = 'pod'").run(name)
  db.close()
  const by = (format: string) => asked(folder, { ...MONTH, by: 'consumer', format }).then(({ out }) => out)
  assert.ok((await by('csv')).includes(`\r\npod,"'=HYPERLINK(""x"")|<script>*${ESCAPE}[31m\n",lab,`))
  assert.ok(!(await by('table')).includes(ESCAPE))
  const html = await by('html')
  assert.doesNotMatch(html, /<script|(?:src|href)=/)
  assert.ok(!html.includes(ESCAPE))
  assert.match(html, /&lt;script&gt;/)
  assert.match(await by('md'), /\\\|\\<script\\>\\\*/)
  assert.equal(
    JSON.parse(await by('json')).rows.some((row: { consumer: string }) => row.consumer === name),
    true,
  )
})

test('when it was made is told if that is asked for, and progress only on a terminal', async (t) => {
  const folder = await handMade(t)
  assert.match((await asked(folder, { ...MONTH, made: true })).out, /^Made +2026-11-28T09:30Z$/m)
  assert.equal((await asked(folder, MONTH, { isTTY: true })).err, '')
  const wrong = configured(t, 'report: { tariff: { source: flat, currency: EURO, per_kwh: 1 } }')
  const { code, err } = await asked(folder, MONTH, { config: wrong })
  assert.equal(code, 78)
  assert.match(err, /report\.tariff\.currency: expected a currency of three letters, such as EUR, received "EURO"/)
})

test('a PDF needs a Chromium, which gets the page and may fail', async (t) => {
  const folder = await handMade(t)
  const [target, bin] = [scratchDirectory(t), scratchDirectory(t)]
  const out = join(target, 'report.pdf')
  const pdf = (PATH: string) => asked(folder, { ...MONTH, format: 'pdf', out }, { env: { PATH } })
  const none = await pdf(bin)
  assert.equal(none.code, 1)
  assert.match(
    none.err,
    /^wattledger: a PDF is printed by Chromium, which is not on this machine: install chromium, or use --format html/,
  )
  const browser = (script: string) => {
    writeFileSync(join(bin, 'chromium'), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, 'chromium'), 0o755)
  }
  browser('echo no display >&2; exit 3')
  const failed = await pdf(bin)
  assert.equal(
    failed.err,
    `wattledger: ${join(bin, 'chromium')} could not print the report: no display. Use --format html\n`,
  )
  assert.equal(existsSync(out), false)
  browser(
    'for word; do case $word in --print-to-pdf=*) file=$' +
      '{word#*=} ;; file://*) page=$' +
      '{word#file://} ;; esac; done; while read -r line; do echo "$line"; done <"$page" >"$file"',
  )
  assert.deepEqual(await pdf(bin), { code: 0, out: '', err: '' })
  assert.match(readFileSync(out, 'utf8'), /^<!doctype html>/)
})
