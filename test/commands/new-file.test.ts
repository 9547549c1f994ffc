import assert from 'node:assert/strict'
import fs, { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { NewFile, targetOf } from '../../src/commands/new-file.ts'
import { scratchDirectory } from '../ledger/setting.ts'

/** From now on the system does so, until the test ends. */
function replace(t: TestContext, name: 'linkSync' | 'copyFileSync', does: () => void): void {
  t.mock.method(fs, name, does)
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
}

const failing = (code: string) => () => {
  throw Object.assign(new Error(`${code}: on purpose`), { code })
}

function setting(t: TestContext) {
  const folder = scratchDirectory(t)
  const path = join(folder, 'a.csv')
  const file = NewFile.at({ option: 'out', path, mayReplace: false }, join(folder, 'state'))
  return { folder, path, write: () => file.write(async (draft) => writeFileSync(draft, 'all')) }
}

test('on a file system without links a file is copied to its name', async (t) => {
  const { folder, path, write } = setting(t)
  replace(t, 'linkSync', failing('EPERM'))
  await write()
  assert.deepEqual([readdirSync(folder), readFileSync(path, 'utf8')], [['a.csv'], 'all'])
  await assert.rejects(
    write,
    /^Error: --out: .*a\.csv is there already: choose another name, or overwrite it with --force$/,
  )
})

test('a copy that fails leaves nothing', async (t) => {
  const { folder, path, write } = setting(t)
  replace(t, 'linkSync', failing('EPERM'))
  replace(t, 'copyFileSync', () => {
    writeFileSync(path, 'ha')
    failing('ENOSPC')()
  })
  await assert.rejects(write, /^Error: --out: cannot write .*a\.csv: ENOSPC: on purpose$/)
  assert.deepEqual(readdirSync(folder), [])
})

test('a file that came meanwhile stays', async (t) => {
  const { path, write } = setting(t)
  writeFileSync(path, 'mine')
  await assert.rejects(write, /is there already/)
  assert.equal(readFileSync(path, 'utf8'), 'mine')
})

test('what fills the file may fail, and leaves nothing', async (t) => {
  const { folder } = setting(t)
  const file = NewFile.at({ option: 'out', path: join(folder, 'b'), mayReplace: true }, folder)
  const fill = async (draft: string) => {
    writeFileSync(draft, 'half')
    failing('SQLITE_BUSY')()
  }
  await assert.rejects(() => file.write(fill), { code: 'SQLITE_BUSY' })
  assert.equal(existsSync(join(folder, 'b')), false)
  assert.deepEqual(readdirSync(folder), [])
})

test('what stands behind --out and --force', () => {
  assert.equal(targetOf({}), null)
  assert.equal(targetOf({ out: '-' }), null)
  assert.deepEqual(targetOf({ out: 'a' }), { option: 'out', path: 'a', mayReplace: false })
  assert.deepEqual(targetOf({ out: 'a', force: true }), { option: 'out', path: 'a', mayReplace: true })
  assert.throws(() => targetOf({ out: '' }), /^UsageError: --out: expected a file$/)
  assert.throws(() => targetOf({ force: true }), /^UsageError: --force: expected --out FILE$/)
})
