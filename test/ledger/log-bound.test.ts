import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { LedgerFile } from '../../src/ledger/file/ledger-file.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { startReader } from './reading-process.ts'
import { FOREVER, recordingLogger, scratchDirectory, startLedger, steadyBatch, T0 } from './setting.ts'

const LIMIT_BYTES = 2 ** 20

async function startHeld(t: TestContext, options: Parameters<typeof startLedger>[2] = {}) {
  const path = join(scratchDirectory(t), 'ledger.db')
  const logger = recordingLogger()
  const ledger = await startLedger(t, path, { logger, busyTimeoutMs: 0, logLimitBytes: LIMIT_BYTES, ...options })
  ledger.write(steadyBatch(0))
  return { path, logger, ledger, reader: await startReader(t, path) }
}

function eventsIn(path: string): { what: string; detail: string }[] {
  const db = openReadOnly(path)
  try {
    assert.equal(db.pragma('integrity_check', { simple: true }), 'ok')
    return db.prepare<[], { what: string; detail: string }>('SELECT what, detail FROM events').all()
  } finally {
    db.close()
  }
}

test('a reader that never ends its transaction is named, and the log stays within its limit', async (t) => {
  const { path, logger, ledger, reader } = await startHeld(t)
  let mostBytes = 0
  for (let n = 1; n <= 400; n++) {
    assert.equal(ledger.write(steadyBatch(n)), true)
    mostBytes = Math.max(mostBytes, statSync(`${path}-wal`).size)
  }
  assert.ok(mostBytes < LIMIT_BYTES + 100_000, `${mostBytes}`)
  assert.deepEqual(
    logger.lines.filter(({ level }) => level !== 'info').map(({ event }) => event),
    ['ledger_reader_blocks', 'ledger_rewritten'],
  )
  const [named, rewritten, ...others] = eventsIn(path)
  assert.equal(named?.what, 'ledger_reader_blocks')
  const command = process.execPath.replaceAll('.', '\\.')
  assert.match(
    named?.detail ?? '',
    new RegExp(
      `^process ${reader.pid} \\(${command} .*\\) keeps a transaction open, .*: it has 0\\.3 MB\\. End that query`,
    ),
  )
  assert.equal(rewritten?.what, 'ledger_rewritten')
  assert.match(rewritten?.detail ?? '', /ledger\.db was copied to a new file .* must open it anew$/)
  assert.deepEqual(others, [])
  assert.equal(await reader.end(), 1, 'the reader still sees what it saw')
  await ledger.stop()
  const next = await startLedger(t, path)
  assert.deepEqual(next.restore(), steadyBatch(400).state)
  const db = openReadOnly(path)
  assert.equal(db.prepare('SELECT count(*) FROM channel_raw').pluck().get(), 401)
  assert.equal(db.pragma('auto_vacuum', { simple: true }), 2)
  assert.equal(statSync(path).mode & 0o777, 0o640)
  db.close()
})

test('where there is no room for a new file the log grows on, and it is tried again at twice its length', async (t) => {
  const { path, logger, ledger } = await startHeld(t)
  mkdirSync(`${path}.next`)
  for (let n = 1; n <= 200; n++) assert.equal(ledger.write(steadyBatch(n)), true)
  const doublings = Math.floor(Math.log2(statSync(`${path}-wal`).size / LIMIT_BYTES))
  assert.ok(doublings > 0)
  assert.equal(logger.count('ledger_rewrite_failed'), 1 + doublings)
  assert.equal(logger.count('ledger_rewritten'), 0)
  rmSync(`${path}.next`, { recursive: true })
  for (let n = 201; n <= 800; n++) assert.equal(ledger.write(steadyBatch(n)), true)
  assert.equal(logger.count('ledger_rewritten'), 1)
  assert.deepEqual(
    readdirSync(join(path, '..')).filter((name) => /^ledger\.db\.(new|next)/.test(name)),
    [],
  )
})

test('what the kernel does not say is left to a command', async (t) => {
  const procfs = scratchDirectory(t)
  writeFileSync(join(procfs, 'locks'), '1: FLOCK  ADVISORY  WRITE 1 00:01:2 0 EOF\n')
  const { path, logger, ledger } = await startHeld(t, { procfs })
  for (let n = 1; logger.count('ledger_reader_blocks') === 0; n++) ledger.write(steadyBatch(n))
  const text = logger.lines.find(({ event }) => event === 'ledger_reader_blocks')?.text ?? ''
  assert.ok(text.startsWith(`a process that fuser -v ${path} may name keeps a transaction open`), text)
})

for (const cut of ['before the old log is gone', 'after it']) {
  test(`a kill while the new file takes its place, ${cut}: the next start ends it, and nothing is lost`, async (t) => {
    const path = join(scratchDirectory(t), 'ledger.db')
    const ledger = await startLedger(t, path)
    for (let n = 0; n < 10; n++) ledger.write(steadyBatch(n))
    const copy = join(scratchDirectory(t), 'ledger.db')
    const file = LedgerFile.open(path, { keep: FOREVER, busyTimeoutMs: 0, nowUnixMs: T0 })
    file.writeSuccessor()
    renameSync(`${path}.next`, `${copy}.next`)
    for (const suffix of ['', ...(cut === 'after it' ? [] : ['-wal', '-shm'])]) renameSync(path + suffix, copy + suffix)
    file.close()
    const next = await startLedger(t, copy)
    assert.deepEqual(next.restore(), steadyBatch(9).state)
    const db = openReadOnly(copy)
    assert.equal(db.prepare('SELECT count(*) FROM channel_raw').pluck().get(), 10)
    db.close()
    assert.deepEqual(eventsIn(copy), [])
    await ledger.stop()
  })
}
