import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { sealOf, textOf } from '../../src/seal/seal-text.ts'
import { PACKAGE, standIn, T0 } from '../ledger/setting.ts'
import { dayName, hourBatch, sealedLedger } from './setting.ts'

test('a day is sealed once it is over and its last hour is closed, and then never again', async (t) => {
  const { state, write, seal, clock, verify } = await sealedLedger(t)
  write(0, 21)
  assert.deepEqual(await seal(), [], 'the first day still runs')
  clock.unixMs = T0 + 23 * HOUR_MS
  assert.deepEqual(await seal(), [], 'its last hour is not closed, as while the agent is stopped over midnight')
  write(21, 23)
  assert.deepEqual(await seal(), [dayName(0)])
  const files = readdirSync(join(state, 'seals')).sort()
  const day = dayName(0)
  assert.deepEqual(files, [`${day}.jsonl.gz`, `${day}.seal`, `${day}.seal.sig`, 'allowed_signers', 'lock'])
  const before = readFileSync(join(state, 'seals', `${day}.seal`), 'utf8')
  assert.deepEqual(await seal(), [])
  assert.equal(readFileSync(join(state, 'seals', `${day}.seal`), 'utf8'), before)
  const { changes, seals, unsealed, head } = await verify()
  assert.deepEqual({ changes, seals, unsealed }, { changes: [], seals: 1, unsealed: 0 })
  assert.equal(head?.sha256, createHash('sha256').update(before).digest('hex'))
})

test('a seal holds every row of its day as JSON, in one order, and says how many', async (t) => {
  const { state, write, seal } = await sealedLedger(t)
  write(0, 23)
  await seal()
  const at = (name: string) => join(state, 'seals', `${dayName(0)}.${name}`)
  const lines = gunzipSync(readFileSync(at('jsonl.gz')))
    .toString()
    .trimEnd()
    .split('\n')
  const kept = sealOf(readFileSync(at('seal'), 'utf8'))
  assert.ok(kept)
  assert.equal(kept.rows, lines.length)
  assert.equal(kept.energyUj, 22_000_000_000n)
  const perTable = Object.entries(Object.groupBy(lines, (line) => JSON.parse(line).table)).map(([table, own]) => [
    table,
    own?.length,
  ])
  assert.deepEqual(perTable, [
    ['node_hour', 22],
    ['part_hour', 22],
    ['channel_hour', 22],
    ['consumer_hour', 44],
    ['emission', 22],
    ['gap', 4],
    ['factor', 1],
    ['event', 1],
  ])
  assert.equal(
    lines.find((line) => line.includes('"channel_hour"')),
    `{"table":"channel_hour","start_unix_ms":${T0},"sensor":"rapl","scope":"package","device":"package-0","energy_uj":1000000000,"covered_ms":10000,"max_uw":100000000}`,
  )
  assert.equal((statSync(at('seal')).mode & 0o777).toString(8), '640')
})

test('what comes late, and what is restated, is sealed on the day on which it was booked', async (t) => {
  const { path, state, ledger, clock, write, seal, verify } = await sealedLedger(t)
  write(0, 23)
  await seal()
  const atUnixMs = T0 + 24 * HOUR_MS
  clock.unixMs = atUnixMs
  const late = {
    key: PACKAGE,
    startUnixMs: T0,
    endUnixMs: T0 + 1000,
    energyUj: 7n,
    coveredMs: 0,
    maxUw: 0n,
    bridged: true,
  }
  const factor = { ...standIn('better'), mgPerKwh: 1n }
  const restatement = {
    id: 1,
    atUnixMs,
    emissionId: 1,
    replacesId: null,
    factor,
    beforeUg: 342_060_000n,
    afterUg: 1_000n,
  }
  const hour = hourBatch(23)
  ledger.write({
    ...hour,
    channelRows: [...hour.channelRows, late],
    gaps: [{ key: PACKAGE, reason: 'stalled', startedUnixMs: T0 + 90_000, endedUnixMs: T0 + 95_000 }],
    carbon: { ...hour.carbon, restatements: [restatement] },
  })
  const before = await verify()
  assert.deepEqual(before.changes, [], 'what the agent books itself is no change')
  assert.equal(before.unsealed, 2)
  write(24, 47)
  assert.deepEqual(await seal(), [dayName(1)])
  const text = gunzipSync(readFileSync(join(state, 'seals', `${dayName(1)}.jsonl.gz`))).toString()
  assert.match(text, new RegExp(`{"late":"channel_hour","start_unix_ms":${T0}}\n.*"energy_uj":1000000007,`))
  assert.match(text, /"table":"restatement","restatement_id":1,.*"after_ug":1000}/)
  assert.match(text, new RegExp(`{"late":"gap","start_unix_ms":${T0}}\n.*"ended_unix_ms":${T0 + 95_000}}`))
  const after = await verify()
  assert.deepEqual([after.changes, after.unsealed], [[], 0])
  const db = openReadOnly(path)
  assert.equal(db.prepare('SELECT count(*) FROM late_change').pluck().get(), 2)
  db.close()
})

test('days without an agent get a seal each, and many of them one', async (t) => {
  const { write, seal, verify } = await sealedLedger(t)
  write(0, 23)
  write(96, 97)
  assert.deepEqual(await seal(), [0, 1, 2, 3].map(dayName))
  write(500 * 24, 500 * 24 + 1)
  assert.deepEqual(await seal(), [dayName(499)])
  assert.deepEqual((await verify()).changes, [])
})

test('the text of a seal is read back only to the byte', () => {
  const numbers = { factor: [0, 1], restatement: [0, 0], event: [0, 3], late_change: [0, 0] } as const
  const seal = {
    day: '2026-11-22',
    previous: null,
    rowsSha256: 'a'.repeat(64),
    rows: 3,
    energyUj: 2n ** 80n,
    ledger: 'b'.repeat(32),
    fromUnixMs: 0,
    untilUnixMs: T0,
    numbers,
    software: '1.2.3',
  }
  const text = textOf(seal)
  assert.deepEqual(sealOf(text), seal)
  for (const other of [
    '',
    `${text}\n`,
    text.slice(0, -1),
    text.replace('rows a', 'rows A'),
    text.replace('count 3', 'count x'),
  ]) {
    assert.equal(sealOf(other), null, other)
  }
})
