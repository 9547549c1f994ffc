import assert from 'node:assert/strict'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { startReader } from './reading-process.ts'
import { recordingLogger, scratchDirectory, startLedger, steadyBatch } from './setting.ts'

const LOSSES: Record<string, (path: string) => void> = {
  'log deleted': (path) => rmSync(`${path}-wal`),
  'log moved away': (path) => renameSync(`${path}-wal`, `${path}.old`),
  'index deleted': (path) => rmSync(`${path}-shm`),
  'log and index deleted': (path) => {
    rmSync(`${path}-wal`)
    rmSync(`${path}-shm`)
  },
}

async function startWithBatch(t: TestContext) {
  const path = join(scratchDirectory(t), 'ledger.db')
  const logger = recordingLogger()
  const ledger = await startLedger(t, path, { logger, busyTimeoutMs: 0 })
  ledger.write(steadyBatch(0))
  return { path, logger, ledger }
}

function contentOf(path: string) {
  const db = openReadOnly(path)
  try {
    return {
      integrity: db.pragma('integrity_check', { simple: true }),
      rows: db.prepare('SELECT count(*) FROM channel_raw').pluck().get(),
      events: db.prepare('SELECT what FROM events').pluck().all(),
    }
  } finally {
    db.close()
  }
}

for (const [name, lose] of Object.entries(LOSSES)) {
  test(`${name} while in use: what it held is in the ledger, and the next write goes on`, async (t) => {
    const { path, logger, ledger } = await startWithBatch(t)
    lose(path)
    assert.equal(ledger.write(steadyBatch(1)), true)
    const sound = { integrity: 'ok', rows: 2, events: ['ledger_wal_replaced'] }
    assert.deepEqual(contentOf(path), sound)
    assert.equal(ledger.write(steadyBatch(2)), true)
    assert.deepEqual(contentOf(path), { ...sound, rows: 3 })
    assert.equal(logger.count('ledger_wal_replaced'), 1)
    assert.match(logger.lines.at(-1)?.text ?? '', /ledger\.db-.* was moved or deleted while in use; all that it held/)
    await ledger.stop()
    assert.deepEqual(contentOf(path), { ...sound, rows: 3 })
    const next = await startLedger(t, path)
    assert.deepEqual(next.restore(), steadyBatch(2).state)
  })

  test(`${name} while another process is in a transaction: nothing is lost`, async (t) => {
    const { path, ledger } = await startWithBatch(t)
    const reader = await startReader(t, path)
    ledger.write(steadyBatch(1))
    lose(path)
    assert.equal(ledger.write(steadyBatch(2)), true)
    assert.deepEqual(contentOf(path), { integrity: 'ok', rows: 3, events: ['ledger_wal_replaced'] })
    assert.equal(await reader.end(), reader.rows)
    assert.equal(ledger.write(steadyBatch(3)), true)
    assert.deepEqual(contentOf(path), { integrity: 'ok', rows: 4, events: ['ledger_wal_replaced'] })
    assert.deepEqual(
      readdirSync(join(path, '..')).filter((file) => /^ledger\.db\.(new|next)/.test(file)),
      [],
    )
  })
}

const STRANGER = 'somebody wrote this'

async function startBesideStranger(t: TestContext) {
  const setting = await startWithBatch(t)
  const { path } = setting
  renameSync(`${path}-wal`, `${path}.old`)
  writeFileSync(`${path}-wal`, STRANGER)
  return { ...setting, kept: () => readFileSync(`${path}-wal.corrupt-20261122T020000Z`, 'latin1') }
}

test('another log in its place is kept, whatever it is', async (t) => {
  const { path, ledger, kept } = await startBesideStranger(t)
  assert.equal(ledger.write(steadyBatch(1)), true)
  const events = ['ledger_wal_set_aside', 'ledger_wal_replaced']
  assert.deepEqual(contentOf(path), { integrity: 'ok', rows: 2, events })
  assert.equal(kept(), STRANGER)
})

test('another log in its place is kept when the agent stops, or the ledger itself is gone', async (t) => {
  const stopped = await startBesideStranger(t)
  await stopped.ledger.stop()
  assert.equal(stopped.kept(), STRANGER)
  const deleted = await startBesideStranger(t)
  rmSync(deleted.path)
  assert.equal(deleted.ledger.write(steadyBatch(1)), true)
  assert.equal(deleted.kept(), STRANGER)
})

test('a stop right after the loss writes all of it to the ledger', async (t) => {
  const { path, ledger } = await startWithBatch(t)
  rmSync(`${path}-wal`)
  await ledger.stop()
  assert.deepEqual(contentOf(path), { integrity: 'ok', rows: 1, events: [] })
})
