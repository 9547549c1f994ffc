import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { unavailable } from '../../src/ledger/failure.ts'
import { LedgerLock } from '../../src/ledger/file/lock.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { APPLICATION_ID, STEPS } from '../../src/ledger/schema/steps.ts'
import { FOREVER, recordingLogger, scratchDirectory, startLedger, steadyBatch, T0 } from './setting.ts'

function ledgerAt(path: string): Ledger {
  return new Ledger({ path, keep: FOREVER, logger: recordingLogger(), unixMs: () => T0 })
}

function startAt(path: string): Promise<void> {
  return ledgerAt(path).start(new AbortController().signal)
}

function contentOf(directory: string): Record<string, Buffer> {
  return Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name))]))
}

async function writeNewer(t: TestContext, path: string): Promise<void> {
  const ledger = await startLedger(t, path)
  ledger.write(steadyBatch(0))
  await ledger.stop()
  const db = new Database(path)
  db.pragma('user_version = 7')
  db.close()
}

test('a ledger from a newer version is named, and nothing in its directory changes', async (t) => {
  const directory = scratchDirectory(t)
  const path = join(directory, 'ledger.db')
  await writeNewer(t, path)
  rmSync(`${path}.lock`)
  const before = contentOf(directory)
  const expected = {
    name: 'StoreError',
    code: 'STORE_NEWER',
    message: new RegExp(`ledger\\.db has ledger format 7; this version .* up to ${STEPS.length} `),
  }
  await assert.rejects(startAt(path), expected)
  assert.deepEqual(contentOf(directory), before)
  assert.deepEqual(Object.keys(before).sort(), ['ledger.db', 'ledger.db.totals'])
  assert.throws(() => openReadOnly(path), expected)
})

test('the database of another program is refused, not moved', async (t) => {
  const directory = scratchDirectory(t)
  const path = join(directory, 'other.db')
  const other = new Database(path)
  other.exec('CREATE TABLE photo (name TEXT)')
  other.close()
  const before = contentOf(directory)
  await assert.rejects(startAt(path), { code: 'STORE_FOREIGN', message: /other\.db is a database of another program/ })
  assert.deepEqual(contentOf(directory), before)
  assert.throws(() => openReadOnly(path), { code: 'STORE_FOREIGN' })
})

test('an empty file is a new ledger, and so is one whose making was cut short', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  writeFileSync(path, '')
  writeFileSync(`${path}.new`, 'half a ledger')
  const ledger = await startLedger(t, path)
  assert.equal(ledger.write(steadyBatch(0)), true)
  const db = openReadOnly(path)
  assert.equal(db.pragma('application_id', { simple: true }), APPLICATION_ID)
  assert.equal(db.pragma('user_version', { simple: true }), STEPS.length)
  db.close()
})

test('a path where no file can be made is named with the remedy', async (t) => {
  const directory = scratchDirectory(t)
  writeFileSync(join(directory, 'file'), '')
  symlinkSync('/nowhere/at/all', join(directory, 'dangling'))
  for (const path of ['/proc/nowhere/deep/l.db', ...['file/l.db', 'dangling/l.db'].map((n) => join(directory, n))]) {
    await assert.rejects(startAt(path), (error: Error & { code: string }) => {
      assert.equal(error.code, 'STORE_UNAVAILABLE', error.message)
      assert.ok(error.message.includes(path), error.message)
      assert.match(error.message, /\. No file can be made there: choose another directory with paths\.state$/)
      return true
    })
  }
})

test('a disk that fails is not said to be a matter of rights', () => {
  const cause = Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_READ' })
  const { message } = unavailable('/var/lib/wattledger/ledger.db', cause)
  assert.match(message, /disk I\/O error \(SQLITE_IOERR_READ\)\. The disk or its file system fails: dmesg tells how$/)
})

test('reading what is absent, damaged or no ledger says so', (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const absent = `there is no ledger ${path}: the agent makes it when it starts, in the folder of paths.state`
  assert.throws(() => openReadOnly(path), { code: 'STORE_UNAVAILABLE', message: absent })
  writeFileSync(path, 'rubbish '.repeat(1000))
  assert.throws(() => openReadOnly(path), {
    code: 'STORE_CORRUPT',
    message: new RegExp(`${path} is not a ledger, or damaged\\. The agent moves it aside`),
  })
})

test('one agent per ledger, in this process or another; the next may follow', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const first = await startLedger(t, path)
  await assert.rejects(startAt(path), {
    code: 'STORE_LOCKED',
    message: /another agent .*ledger\.db\. .*fuser -v .*\.lock/,
  })
  assert.match((await inOtherProcess('start', path)) ?? '', /^STORE_LOCKED: /)
  assert.equal(first.write(steadyBatch(0)), true)
  await first.stop()
  assert.equal(await inOtherProcess('start', path), 'started')
})

test('a lock file that is deleted is back before another agent can start', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const first = await startLedger(t, path)
  rmSync(`${path}.lock`)
  while (!existsSync(`${path}.lock`)) await setImmediate(null, { signal: t.signal })
  assert.match((await inOtherProcess('start', path)) ?? '', /^STORE_LOCKED: /)
  assert.equal(first.write(steadyBatch(0)), true)
})

test('an agent whose lock another one got hold of writes no more, not even when that one is gone', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const logger = recordingLogger()
  const first = await startLedger(t, path, { logger })
  first.write(steadyBatch(0))
  rmSync(`${path}.lock`)
  // With no turn of the event loop in between, in which the first would notice.
  const other = LedgerLock.acquire(path)
  assert.equal(first.write(steadyBatch(1)), false)
  assert.match(first.health().message ?? '', /lock file of the ledger .*ledger\.db was deleted, another agent took the/)
  other.release()
  assert.equal(first.write(steadyBatch(2)), false)
  assert.deepEqual(first.durable, steadyBatch(0).state)
  assert.equal(logger.count('ledger_write_failed'), 1)
  await first.stop()
  const next = await startLedger(t, path)
  assert.deepEqual(next.restore(), steadyBatch(0).state)
})

test('a file that may not be written is refused at the start', async (t) => {
  // Root may write everything, so nobody has to.
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  const directory = scratchDirectory(t)
  const path = join(directory, 'ledger.db')
  await (await startLedger(t, path)).stop()
  rmSync(`${path}.lock`)
  chmodSync(directory, 0o777)
  chmodSync(path, 0o444)
  const before = readFileSync(path)
  const answer = await inOtherProcess('start', path, user)
  if (answer === null) return t.skip('the tree is not readable for another user')
  assert.match(String(answer), /^STORE_UNAVAILABLE: .*ledger\.db: EACCES: permission denied, /)
  assert.match(String(answer), new RegExp(`must be writable for user ${user.uid ?? process.getuid?.()}`))
  assert.match(String(answer), /install -d -m 0750 -o \d+ -g \d+ .*ledger\.db, or choose another directory/)
  assert.deepEqual(readFileSync(path), before)
})

test('one of the group reads with and without an agent, others do not', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs root to become another user')
  const directory = scratchDirectory(t)
  chmodSync(directory, 0o755)
  const path = join(directory, 'ledger.db')
  const ledger = await startLedger(t, path)
  ledger.write(steadyBatch(0))
  const member = { uid: 65534, gid: process.getgid?.() ?? 0 }
  const answer = await inOtherProcess('read', path, member)
  if (answer === null) return t.skip('the tree is not readable for another user')
  assert.match(answer, /"energy_kwh":0.000277778/)
  await ledger.stop()
  assert.deepEqual(await inOtherProcess('read', path, member), answer)
  const stranger = await inOtherProcess('read', path, { uid: 65534, gid: 65534 })
  assert.match(
    stranger ?? '',
    /^STORE_UNAVAILABLE: cannot read the ledger .*It is readable for its owner and its group/,
  )
  assert.deepEqual(readdirSync(directory).sort(), ['ledger.db', 'ledger.db.lock', 'ledger.db.totals'])
})

/** What a process of its own, maybe another user's, says about the ledger. Null when it cannot even start. */
async function inOtherProcess(role: 'start' | 'read', path: string, user: { uid?: number; gid?: number } = {}) {
  const child = join(import.meta.dirname, 'agent-child.ts')
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [child, role, path], { ...user, cwd: '/' })
    return stdout
  } catch (cause) {
    if (user.uid !== undefined) return null
    throw cause
  }
}
