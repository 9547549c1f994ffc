/** Debian: sqlite3 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { DAY_MS } from '../../src/model/time.ts'
import { verifySeals } from '../../src/seal/verify.ts'
import { allOf } from '../docs/blocks.ts'
import { hourBatch, sealedLedger } from '../seal/setting.ts'
import { afterwards, recordingLogger, scratchDirectory, startLedger } from './setting.ts'

const [backUp = '', restore = '', ...others] = allOf('sh')
  .filter(({ page, text }) => page === 'docs/operating.md' && text.includes('/backup'))
  .map(({ text }) => text)

/** Runs commands of the page on folders of the test's own, where nobody need be the service's user. */
async function run(commands: string, state: string, backup: string): Promise<void> {
  const here = commands
    .replaceAll('/var/lib/wattledger', state)
    .replaceAll('/backup', backup)
    .replaceAll('-o wattledger -g wattledger ', '')
    .replaceAll(/^chown .*\n/gm, '')
  await promisify(execFile)('sh', ['-euc', here])
}

const energyUj = (path: string): number => {
  const db = openReadOnly(path)
  const sum = db.prepare<[], number>('SELECT sum(energy_uj) FROM node_hour').pluck().get() ?? 0
  db.close()
  return sum
}

/** Three days, of which two are sealed, backed up while the agent writes on. */
async function backedUp(t: TestContext) {
  const books = await sealedLedger(t)
  const backup = scratchDirectory(t)
  books.write(0, 22 + 48)
  await books.seal()
  let [written, isCopying] = [22 + 48, true]
  const writeOn = (): void => {
    if (!isCopying) return
    books.write(written, written + 1)
    written += 1
    setImmediate(writeOn)
  }
  writeOn()
  const savedState = hourBatch(written - 1).state
  await run(backUp, books.state, backup)
  isCopying = false
  // A whole day, so that the next seal has hours that the copy lacks.
  books.write(written, written + 25)
  await books.ledger.stop()
  return { books, backup, savedState, written: written + 25 }
}

test('a backup is made while the agent writes, is whole, and its seals fit', async (t) => {
  assert.equal(others.length, 0)
  const { books, backup } = await backedUp(t)
  const db = openReadOnly(join(backup, 'ledger.db'))
  afterwards(t, () => db.close())
  assert.equal(db.pragma('integrity_check', { simple: true }), 'ok')
  const hours = db.prepare<[], number>('SELECT count(*) FROM node_hour').pluck().get() ?? 0
  assert.ok(hours >= 22 + 48)
  assert.ok(energyUj(join(backup, 'ledger.db')) < energyUj(books.path), 'the agent has written on')
})

test('on a new machine the agent goes on from the backup, with its totals and its seals', async (t) => {
  const { books, backup, savedState, written } = await backedUp(t)
  const state = scratchDirectory(t)
  await run(restore.replaceAll(/^systemctl .*\n/gm, ''), state, backup)
  const { changes, seals } = await verifySeals({ state, ledger: join(state, 'ledger.db'), mostNamed: 9 })
  assert.deepEqual([changes, seals], [[], 3])
  const ledger = await startLedger(t, join(state, 'ledger.db'), { unixMs: () => books.clock.unixMs })
  assert.ok((ledger.durable?.node.energyUj.measured ?? 0n) >= savedState.node.energyUj.measured)
  ledger.write(hourBatch(written))
  await ledger.stop()
  assert.equal(readFileSync(join(state, 'seal.key'), 'utf8'), readFileSync(join(books.state, 'seal.key'), 'utf8'))
})

test('on the same machine no total falls below what was shown, and verify names days sealed since', async (t) => {
  const { books, backup, written } = await backedUp(t)
  const shown = books.ledger.durable?.node.energyUj.measured ?? 0n
  books.clock.unixMs += DAY_MS
  const since = await books.seal()
  await run(restore.replaceAll(/^systemctl .*\n/gm, ''), books.state, backup)
  assert.equal(energyUj(books.path), energyUj(join(backup, 'ledger.db')))
  const { changes } = await books.verify()
  assert.ok(changes.length > 0)
  for (const { day } of changes) assert.ok(since.includes(day), day)
  const logger = recordingLogger()
  const ledger = await startLedger(t, books.path, { unixMs: () => books.clock.unixMs, logger })
  assert.equal(logger.count('ledger_totals_differ'), 1)
  assert.ok(shown > 0n && (ledger.durable?.node.energyUj.measured ?? 0n) >= shown)
  for (let n = written; n < written + 26; n++) ledger.write(hourBatch(n))
  books.clock.unixMs = hourBatch(written + 26).atUnixMs
  assert.ok((await books.seal()).length > 0, 'sealing goes on')
})
