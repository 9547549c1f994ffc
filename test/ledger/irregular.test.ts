import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { Ledger } from '../../src/ledger/ledger.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { FOREVER, recordingLogger, startLedger, steadyBatch, T0, writtenLedger } from './setting.ts'

const STRANGE: Readonly<Record<string, (path: string) => void>> = {
  'a FIFO': (path) => execFileSync('mkfifo', [path]),
  'a folder': (path) => mkdirSync(join(path, 'inside'), { recursive: true }),
  'a link to nowhere': (path) => symlinkSync('/nowhere/at/all', path),
  'a link to a device': (path) => symlinkSync('/dev/zero', path),
}

const besides = (path: string) => readdirSync(dirname(path)).filter((name) => name !== basename(path))

for (const [what, put] of Object.entries(STRANGE)) {
  for (const suffix of ['-wal', '-shm', '-journal'] as const) {
    test(`${what} at the name of ${suffix} is set aside, before the start and while running`, async (t) => {
      const path = await writtenLedger(t)
      put(path + suffix)
      const logger = recordingLogger()
      const ledger = await startLedger(t, path, { logger })
      assert.equal(ledger.write(steadyBatch(1)), true)
      assert.match(logger.lines[0]?.text ?? '', new RegExp(`kept as .*${suffix}\\.corrupt-.*: it is no regular file$`))
      if (suffix !== '-journal') {
        rmSync(path + suffix)
        put(path + suffix)
        assert.equal(ledger.write(steadyBatch(2)), true)
        assert.equal(lstatSync(path + suffix).isFile(), true)
      }
      await ledger.stop()
      const next = await startLedger(t, path)
      assert.deepEqual(next.restore(), steadyBatch(suffix === '-journal' ? 1 : 2).state)
    })
  }

  for (const suffix of ['', '.lock'] as const) {
    test(`${what} at the name of the ledger${suffix} is refused in words, and left as it is`, async (t) => {
      const path = await writtenLedger(t)
      renameSync(path, `${path}.mine`)
      rmSync(`${path}.lock`)
      put(path + suffix)
      const ledger = new Ledger({ path, keep: FOREVER, logger: recordingLogger(), unixMs: () => T0 })
      const refusal = {
        code: 'STORE_UNAVAILABLE',
        message: new RegExp(`ledger\\.db${suffix} is no regular file and leads to none\\. Remove it, mount what it`),
      }
      await assert.rejects(ledger.start(new AbortController().signal), refusal)
      assert.equal(lstatSync(path + suffix).isFile(), false)
      if (suffix === '') assert.throws(() => openReadOnly(path), refusal)
    })
  }

  test(`${what} at the name of a successor takes the place of no ledger`, async (t) => {
    const path = await writtenLedger(t)
    put(`${path}.next`)
    const next = await startLedger(t, path)
    assert.deepEqual(next.restore(), steadyBatch(0).state)
    assert.equal(besides(path).includes('ledger.db.next'), true)
  })

  test(`${what} at the name of the copy of the totals is no copy, and takes neither time nor memory`, async (t) => {
    const path = await writtenLedger(t)
    rmSync(`${path}.totals`)
    put(`${path}.totals`)
    const next = await startLedger(t, path)
    assert.deepEqual(next.restore(), steadyBatch(0).state)
    assert.equal(next.write(steadyBatch(1)), true)
  })
}

test('what is no ledger at the name of a successor takes the place of none', async (t) => {
  const path = await writtenLedger(t)
  for (const content of ['', 'rubbish '.repeat(100)]) {
    writeFileSync(`${path}.next`, content)
    const next = await startLedger(t, path)
    assert.deepEqual(next.restore(), steadyBatch(0).state)
    await next.stop()
    assert.equal(existsSync(`${path}.next`), true)
  }
})
