import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { afterwards, recordingLogger, scratchDirectory, startLedger, steadyBatch, T0 } from './setting.ts'
import { WINDOW as ROW } from './window-row.ts'

const END = { ns: ROW.startNs + 2_500_000_000n, unixMs: T0 + 2_500, by: 'client' } as const
const ALL = { uid: null, name: null, series: null, most: 100 }

test('a window is kept to the last digit, and what a flush knows of it is not undone', async (t) => {
  const ledger = await startLedger(t, join(scratchDirectory(t), 'ledger.db'))
  const counted = { ...ROW, energyUj: 9_007_199_254_740_993n, co2eLocationUg: null, sums: '{"a":1}' }
  ledger.write({ ...steadyBatch(0), windows: [counted] })
  assert.equal(ledger.windows.write([ROW], []), true)
  assert.deepEqual(ledger.windows.find(ROW.id), counted)
  assert.equal(ledger.windows.write([], [{ id: ROW.id, end: END }]), true)
  assert.equal(ledger.windows.write([], [{ id: ROW.id, end: { ...END, by: 'limit' } }]), true)
  assert.deepEqual(ledger.windows.unfinished(), [{ ...counted, end: END }])
  const final = { ...counted, end: END, isFinal: true }
  ledger.write({ ...steadyBatch(1), windows: [final] })
  assert.deepEqual(ledger.windows.unfinished(), [])
  assert.deepEqual(ledger.windows.find(ROW.id), final)
  assert.equal(ledger.windows.find('another'), null)
})

test('what was kept of a window before its end does not open it again', async (t) => {
  const directory = scratchDirectory(t)
  const ledger = await startLedger(t, join(directory, 'ledger.db'), { kept: join(directory, 'unwritten') })
  ledger.write({ ...steadyBatch(0), windows: [ROW] })
  assert.ok(ledger.keep({ ...steadyBatch(1), windows: [{ ...ROW, energyUj: 5n }] }))
  ledger.windows.write([], [{ id: ROW.id, end: END }])
  ledger.write(steadyBatch(2))
  assert.deepEqual(ledger.windows.unfinished(), [{ ...ROW, energyUj: 5n, end: END }])
})

test('where one could not be written none is tried before the next flush, which comes at once: each try may wait for a lock', async (t) => {
  const directory = scratchDirectory(t)
  const path = join(directory, 'ledger.db')
  const ledger = await startLedger(t, path, { kept: join(directory, 'unwritten'), busyTimeoutMs: 0 })
  assert.ok(ledger.write(steadyBatch(0)))
  const other = new Database(path)
  afterwards(t, () => other.close())
  other.exec('BEGIN IMMEDIATE')
  assert.equal(ledger.windows.write([ROW], []), false)
  other.exec('COMMIT')
  assert.equal(ledger.windows.write([ROW], []), false)
  assert.equal(ledger.intensityCache.save('here', []), false)
  assert.equal(ledger.keep(steadyBatch(1)), false, 'the ledger should be written now')
  assert.ok(ledger.write(steadyBatch(2)))
  assert.ok(ledger.windows.write([ROW], []))
  assert.ok(ledger.keep(steadyBatch(3)))
})

test('windows are listed by owner, name and series, the newest first', async (t) => {
  const ledger = await startLedger(t, join(scratchDirectory(t), 'ledger.db'))
  const rows = [
    { ...ROW, id: 'a' },
    { ...ROW, id: 'b', startUnixMs: T0 + 2_000 },
    { ...ROW, id: 'c', startUnixMs: T0 + 1_000, uid: 1001 },
    { ...ROW, id: 'd', startUnixMs: T0 + 3_000, name: 'build', series: '' },
    { ...ROW, id: 'e', startUnixMs: T0 + 4_000, uid: null },
  ]
  ledger.windows.write(rows, [])
  const ids = (query: Partial<typeof ALL> | object) =>
    ledger.windows
      .list({ ...ALL, ...query })
      .map(({ id }) => id)
      .join('')
  assert.equal(ids({}), 'edbca')
  assert.equal(ids({ most: 2 }), 'ed')
  assert.equal(ids({ uid: 1000 }), 'dba')
  assert.equal(ids({ name: 'epoch', uid: 1000 }), 'ba')
  assert.equal(ids({ series: '' }), 'd')
})

test('people read windows in a view, and old ones go', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  let nowUnixMs = T0
  const keep = { rawMs: 1e9, minutesMs: 1e9, consumersMs: 1e9, windowsMs: 31 * 86_400_000 }
  const ledger = await startLedger(t, path, { keep, unixMs: () => nowUnixMs })
  ledger.write({
    ...steadyBatch(0),
    windows: [
      { ...ROW, end: END, isFinal: true, energyUj: 250_000_000n, co2eLocationUg: 1_500_000n },
      { ...ROW, id: 'open' },
    ],
  })
  const db = openReadOnly(path)
  assert.deepEqual(db.prepare('SELECT * FROM windows').all(), [
    {
      id: ROW.id,
      name: 'epoch',
      tags: '{"epoch":"3"}',
      series: 'run-7',
      uid: 1000,
      started: '2026-11-22T02:00:00Z',
      ended: '2026-11-22T02:00:02Z',
      closed_by: 'client',
      status: 'final',
      duration_s: 2.5,
      energy_j: 250,
      mean_w: 100,
      co2e_location_g: 1.5,
    },
    {
      id: 'open',
      name: 'epoch',
      tags: '{"epoch":"3"}',
      series: 'run-7',
      uid: 1000,
      started: '2026-11-22T02:00:00Z',
      ended: null,
      closed_by: null,
      status: 'open',
      duration_s: null,
      energy_j: 0,
      mean_w: null,
      co2e_location_g: 0,
    },
  ])
  nowUnixMs += 32 * 86_400_000
  ledger.write(steadyBatch(1))
  assert.equal(db.prepare('SELECT count(*) FROM windows').pluck().get(), 0)
  db.close()
})

test('what waits for a disk keeps the newest of each window', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path, { queueLimit: 1, busyTimeoutMs: 10, logger: recordingLogger() })
  // Nobody can write while another holds the lock of the database.
  const other = new Database(path)
  other.exec('BEGIN IMMEDIATE')
  ledger.write({ ...steadyBatch(0), windows: [ROW, { ...ROW, id: 'b' }] })
  ledger.write({ ...steadyBatch(1), windows: [{ ...ROW, energyUj: 7n }] })
  assert.equal(ledger.windows.write([{ ...ROW, id: 'c' }], []), false)
  other.exec('ROLLBACK')
  other.close()
  ledger.write({ ...steadyBatch(2), windows: [{ ...ROW, id: 'b', energyUj: 9n }] })
  assert.deepEqual(
    ledger.windows
      .list(ALL)
      .map(({ id, energyUj }) => [id === ROW.id ? 'a' : id, energyUj])
      .sort(),
    [
      ['a', 7n],
      ['b', 9n],
    ],
  )
})

test('energy of any span is summed up in stretches, and those that its ends cut stand apart', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  const batch = steadyBatch(0)
  const [node] = batch.nodeRows
  const [part] = batch.partRows
  if (node === undefined || part === undefined) return assert.fail('no rows')
  const at = (minute: number) => ({ startUnixMs: T0 + minute * 60_000, endUnixMs: T0 + minute * 60_000 + 60_000 })
  const minutes = Array.from({ length: 10 }, (_, minute) => minute)
  ledger.write({
    ...batch,
    nodeRows: minutes.map((minute) => ({ ...node, ...at(minute), energyUj: BigInt(minute), coveredMs: 60_000 })),
    partRows: minutes.map((minute) => ({ ...part, ...at(minute), energyUj: BigInt(minute) })),
  })
  const { resolutionMs, rows, parts } = ledger.windows.spanOf(T0 + 90_000, T0 + 330_000)
  assert.equal(resolutionMs, 60_000)
  for (const places of [rows, parts]) {
    assert.deepEqual(
      places.map(({ startUnixMs, isCut, energyUj }) => [(startUnixMs - T0) / 60_000, isCut, energyUj]),
      [
        [1, true, 1n],
        [2, false, 2n + 3n + 4n],
        [5, true, 5n],
      ],
    )
  }
  // Minutes of before the ledger are those of hours, where no minute can tell more.
  assert.equal(ledger.windows.spanOf(T0 - 86_400_000, T0 + 600_000).rows[0]?.energyUj, 45n)
  assert.equal(ledger.windows.spanOf(T0 - 30 * 86_400_000, T0 + 3_600_000).resolutionMs, 3_600_000)
})
