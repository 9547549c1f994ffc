import assert from 'node:assert/strict'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { DAY_MS, floorTo, HOUR_MS } from '../../src/model/time.ts'
import { machineKey } from '../../src/seal/machine-key.ts'
import { sealOf, sha256, textOf } from '../../src/seal/seal-text.ts'
import { SEALED, type SealedTable } from '../../src/seal/sealed-tables.ts'
import { sshSignature } from '../../src/seal/ssh-signature.ts'
import { consumerRow } from '../ledger/consumers-setting.ts'
import { afterwards, startLedger, T0 } from '../ledger/setting.ts'
import fc from '../property.ts'
import { DAY0, dayName, hourBatch, sealedLedger } from './setting.ts'

const DAYS = 5
type Row = Record<string, bigint | string | null>

/** The days of the seals that may hold a row: that of its time, or any for one by number. */
function isDayOf(table: SealedTable, row: Row, day: string): boolean {
  if (table.unit === 1) return true
  return day === new Date(floorTo(DAY_MS, Number(row[table.by]))).toISOString().slice(0, 10)
}

test('whichever row is changed, deleted or added on whichever day is found and named', async (t) => {
  const { path, write, seal, verify } = await sealedLedger(t)
  write(0, 22 + (DAYS - 1) * 24 + 1)
  assert.equal((await seal()).length, DAYS)
  const db = new Database(path).defaultSafeIntegers()
  afterwards(t, () => db.close())
  const tables = SEALED.filter(({ name }) => name !== 'consumer_day' && name !== 'restatement')
  const end = DAY0 + DAYS * DAY_MS
  const property = fc.asyncProperty(
    fc.constantFrom(...tables),
    fc.nat(),
    fc.constantFrom('change', 'delete', 'add'),
    fc.nat(),
    async (table, pick, how, columnPick) => {
      const source = `${table.name} WHERE ${table.unit === 1 ? 'true' : `${table.by} < ${end}`}`
      const rows = db.prepare<[], Row>(`SELECT * FROM ${source}`).all()
      // An event that came after the last midnight is not sealed yet.
      const sealedRows = table.name === 'event' ? rows.filter((row) => Number(row.at_unix_ms) < end) : rows
      const row = sealedRows[pick % sealedRows.length]
      assert.ok(row)
      const own = table.values.filter(
        (column) => column in row && column !== table.by && typeof row[column] === 'bigint',
      )
      const column = own[columnPick % own.length]
      if (column === undefined) return
      const keys = Object.keys(row).filter((name) => row[name] !== null)
      const where = keys.map((name) => `${name} = @${name}`).join(' AND ')
      db.pragma('foreign_keys = OFF')
      if (how === 'change') {
        assert.equal(
          db.prepare(`UPDATE ${table.name} SET ${column} = ${column} + 1 WHERE ${where}`).run(row).changes,
          1,
        )
      } else if (how === 'delete') {
        db.prepare(`DELETE FROM ${table.name} WHERE ${where}`).run(row)
      }
      const key = keyColumn(table)
      const added = { ...row, [key]: typeof row[key] === 'bigint' ? 1_000_000n : 'other' }
      if (how === 'add') insert(db, table, added)
      const verdict = await verify()
      if (how === 'add') db.prepare(`DELETE FROM ${table.name} WHERE ${key} = ?`).run(added[key])
      else restore(db, table, row)
      // Rows with a number beyond the sealed ones, and of a channel that does not exist, are none of what was sealed.
      const isOutside =
        how === 'add' && (table.unit === 1 || table.name === 'channel_hour' || table.name === 'consumer_hour')
      assert.equal(verdict.changeCount, isOutside ? 0 : 1, `${how} ${table.name} ${column}`)
      const [change] = verdict.changes
      if (change === undefined) return
      assert.ok(change.what.startsWith(`${table.name} `), change.what)
      assert.ok(isDayOf(table, row, change.day), `${change.day} ${change.what}`)
      if (how === 'change')
        assert.match(change.what, new RegExp(`: ${column} is ${Number(row[column]) + 1}, and was ${row[column]}$`))
      else assert.match(change.what, how === 'delete' ? / is gone$/ : / was added$/)
    },
  )
  await fc.assert(property, { numRuns: 80, seed: 12 })
  assert.deepEqual((await verify()).changes, [])
})

/** One that may be any other without a constraint. */
function keyColumn({ name, keys }: SealedTable): string {
  return (
    { node_hour: 'meter', part_hour: 'part', channel_hour: 'channel_id', consumer_hour: 'consumer_id' }[
      name as string
    ] ??
    keys[0] ??
    ''
  )
}

function insert(db: Database.Database, { name }: SealedTable, row: Row): void {
  const columns = Object.keys(row)
  db.prepare(`INSERT INTO ${name} (${columns}) VALUES (${columns.map((column) => `@${column}`)})`).run(row)
}

function restore(db: Database.Database, table: SealedTable, row: Row): void {
  const columns = Object.keys(row)
  db.prepare(`INSERT OR REPLACE INTO ${table.name} (${columns}) VALUES (${columns.map((column) => `@${column}`)})`).run(
    row,
  )
}

test('names of channels and consumers are sealed with their rows', async (t) => {
  const { path, write, seal, verify } = await sealedLedger(t)
  write(0, 23)
  await seal()
  const db = new Database(path)
  afterwards(t, () => db.close())
  db.exec("UPDATE channel SET device = 'package-1'")
  // A channel is named in its hours and its gaps.
  assert.equal((await verify()).changeCount, 22 * 2 + 4)
  db.exec("UPDATE channel SET device = 'package-0'; UPDATE consumer_hour SET tenant = 'lab' WHERE tenant = 'shop'")
  const { changes, changeCount } = await verify()
  assert.equal(changeCount, 22 * 2)
  assert.deepEqual(
    changes.slice(0, 2).map(({ what }) => what),
    [
      'consumer_hour 2026-11-22T02:00:00Z service web.service shop is gone',
      'consumer_hour 2026-11-22T02:00:00Z service web.service lab was added',
    ],
  )
})

test('a change before the next seal is not washed by it', async (t) => {
  const { path, write, seal, verify } = await sealedLedger(t)
  write(0, 23)
  await seal()
  const db = new Database(path)
  db.prepare('UPDATE node_hour SET energy_uj = 1 WHERE start_unix_ms = ?').run(T0)
  db.close()
  write(23, 47)
  assert.deepEqual(await seal(), [dayName(1)])
  assert.deepEqual((await verify()).changes, [
    { day: dayName(0), what: 'node_hour 2026-11-22T02:00:00Z psys measured: energy_uj is 1, and was 1000000000' },
  ])
})

test('each file of the seals that is changed, gone or exchanged is named', async (t) => {
  const { state, write, seal, verify } = await sealedLedger(t)
  write(0, 22 + 48 + 1)
  await seal()
  const folder = join(state, 'seals')
  const copy = join(state, 'copy')
  mkdirSync(copy)
  for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(copy, name))
  const middle = (name: string) => join(folder, `${dayName(1)}.${name}`)
  const tampering: readonly (readonly [() => void, readonly RegExp[]])[] = [
    [() => appendFileSync(middle('jsonl.gz'), 'x'), [/jsonl\.gz was changed$/]],
    [() => rmSync(middle('jsonl.gz')), [/jsonl\.gz is gone$/]],
    [() => rmSync(middle('seal.sig')), [/seal is not signed by a key/]],
    [() => writeFileSync(middle('seal.sig'), 'nonsense'), [/seal is not signed by a key/]],
    [() => copyFileSync(join(copy, `${dayName(0)}.seal.sig`), middle('seal.sig')), [/seal is not signed by a key/]],
    [
      () => rmSync(middle('seal')),
      [/does not follow: the one before it was 2026-11-22, which was changed, or one is missing$/],
    ],
    [() => rmSync(join(folder, `${dayName(0)}.seal`)), [/does not follow: it is not the first$/]],
    [
      () => writeFileSync(middle('seal'), readFileSync(middle('seal'), 'utf8').replace(/energy_uj \d+/, 'energy_uj 5')),
      [/seal is not signed by a key/, /does not follow/],
    ],
    [
      () => copyFileSync(join(copy, `${dayName(0)}.seal`), middle('seal')),
      [/not the seal of that day/, /not signed/, /does not follow/],
    ],
    [() => rmSync(join(folder, 'allowed_signers')), [/not signed/, /not signed/, /not signed/]],
  ]
  for (const [tamper, said] of tampering) {
    tamper()
    const { changes } = await verify()
    const what = changes.map((change) => change.what)
    for (const pattern of said)
      assert.ok(
        what.some((one) => pattern.test(one)),
        `${pattern} in ${what}`,
      )
    // A day without its seal shows the rows of that day as no change.
    assert.equal(changes.length, said.length, String(what))
    for (const name of readdirSync(copy)) copyFileSync(join(copy, name), join(folder, name))
  }
  assert.deepEqual((await verify()).changes, [])
})

test('retention takes nothing from what can be verified', async (t) => {
  const keep = { rawMs: HOUR_MS, minutesMs: HOUR_MS, consumersMs: 2 * DAY_MS }
  const { path, write, seal, verify } = await sealedLedger(t, { keep })
  for (let day = 0; day < 8; day++) {
    write(Math.max(0, 24 * day - 1), 24 * day + 23)
    await seal()
    assert.deepEqual((await verify()).changes, [], `day ${day}`)
  }
  const db = new Database(path)
  afterwards(t, () => db.close())
  assert.ok(Number(db.prepare('SELECT count(*) FROM consumer_day').pluck().get()) >= 8, 'days were summed up')
  db.exec(`UPDATE consumer_day SET idle_uj = idle_uj + 1 WHERE tenant = 'lab' AND start_unix_ms = ${DAY0}`)
  const { changes } = await verify()
  assert.equal(changes.length, 1)
  assert.match(
    changes[0]?.what ?? '',
    /^consumer_day 2026-11-22T00:00:00Z pod 0a1b-2c lab: idle_uj is 13200000001, and was 13200000000$/,
  )
  db.exec(`INSERT INTO consumer_hour VALUES (${T0}, 1, 'shop', 5, 5)`)
  assert.match(
    (await verify()).changes.at(-1)?.what ?? '',
    /^consumer_hour 2026-11-22T02:00:00Z service web.service shop was added$/,
  )
})

test('an hour that was thinned after it was sealed is sealed again', async (t) => {
  const { ledger, clock, write, seal, verify } = await sealedLedger(t)
  write(0, 21)
  const last = hourBatch(21)
  clock.unixMs = last.atUnixMs
  const consumers = Array.from({ length: 1200 }, (_, n) =>
    consumerRow({ kind: 'container', id: `c${n}`, name: `c${n}`, labels: {} }, 'shop', {
      hourUnixMs: T0 + 21 * HOUR_MS,
      dynamicUj: BigInt(n + 1),
    }),
  )
  ledger.write({ ...last, consumerRows: consumers })
  assert.deepEqual(await seal(), [dayName(0)])
  write(22, 26)
  const { changes, unsealed } = await verify()
  assert.deepEqual([changes, unsealed], [[], 1])
  write(26, 47)
  await seal()
  assert.deepEqual((await verify()).changes, [])
})

test('a ledger that takes the place of another goes on in the same chain', async (t) => {
  const { state, path, ledger, clock, write, seal, verify } = await sealedLedger(t)
  write(0, 23)
  await seal()
  await ledger.stop()
  for (const suffix of ['', '.totals']) renameSync(path + suffix, `${path}${suffix}.old`)
  const next = await startLedger(t, path, { unixMs: () => clock.unixMs })
  for (let n = 23; n < 47; n++) {
    clock.unixMs = hourBatch(n).atUnixMs
    next.write(hourBatch(n))
  }
  assert.deepEqual(await seal(), [dayName(1)])
  const verdict = await verify()
  assert.deepEqual([verdict.changes, verdict.ofFormerLedgers, verdict.seals], [[], 1, 2])
  assert.ok(state)
})

test('a chain of a year is checked', async (t) => {
  const { ledger, clock, write, seal, verify } = await sealedLedger(t)
  write(0, 23)
  for (let day = 1; day < 365; day++) {
    const hours = Array.from({ length: 24 }, (_, hour) => hourBatch(day * 24 - 1 + hour))
    const [first, last] = [hours[0], hours.at(-1)]
    assert.ok(first && last)
    clock.unixMs = last.atUnixMs
    ledger.write({
      ...last,
      nodeRows: hours.flatMap(({ nodeRows }) => nodeRows),
      gaps: hours.flatMap(({ gaps }) => gaps),
    })
  }
  assert.equal((await seal()).length, 365)
  const { seals, changes, first, head } = await verify()
  assert.deepEqual([seals, changes, first, head?.day], [365, [], dayName(0), dayName(364)])
})

test('rows that somebody else has sealed with the key, and that are none, are named', async (t) => {
  const { state, write, seal, verify } = await sealedLedger(t)
  write(0, 23)
  await seal()
  const at = (name: string) => join(state, 'seals', `${dayName(0)}.${name}`)
  const honest = sealOf(readFileSync(at('seal'), 'utf8'))
  assert.ok(honest)
  for (const [rows, said] of [
    [Buffer.from('no gzip'), /cannot be read: incorrect header check/],
    [readFileSync(at('jsonl.gz')).subarray(0, 200), /cannot be read: unexpected end of file/],
    [gzipSync('{"table":"nothing"}\n'), /has a line that is none of a seal: {"table":"nothing"}$/],
    [gzipSync('['.repeat(100_000)), /has a line that is none of a seal: \[\[/],
  ] as const) {
    writeFileSync(at('jsonl.gz'), rows)
    const text = textOf({ ...honest, rowsSha256: sha256(rows) })
    writeFileSync(at('seal'), text)
    writeFileSync(at('seal.sig'), sshSignature(text, machineKey(state)))
    const { changes } = await verify()
    assert.match(changes[0]?.what ?? '', said)
  }
})

test('a folder that nobody may write is verified all the same, and a ledger of another user is not sealed', async (t) => {
  const { state, ledger, write, seal, verify } = await sealedLedger(t)
  write(0, 23)
  await ledger.stop()
  if (process.geteuid?.() === 0) {
    chownSync(join(state, 'ledger.db'), 65_534, 65_534)
    await assert.rejects(seal(), { code: 'SEAL_USER', message: /sudo -u "#65534" wattledger seal$/ })
    assert.deepEqual(
      readdirSync(state).filter((name) => name.startsWith('seal')),
      [],
    )
    chownSync(join(state, 'ledger.db'), 0, 0)
  }
  await seal()
  chmodSync(join(state, 'seals'), 0o550)
  assert.deepEqual((await verify()).changes, [])
  chmodSync(join(state, 'seals'), 0o750)
})
