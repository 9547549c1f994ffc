import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readLockfile } from '../../packaging/lockfile.ts'
import { REPOSITORY } from '../../packaging/release.ts'
import { temporaryFolder } from './built.ts'

const COMPILING = 'build-addon: compiling native/, once; this takes up to half a minute\n'
const root = temporaryFolder()
const source = join(root, 'native/addon.c')

const builds = () => readFileSync(join(root, 'builds'), 'utf8').trim().split('\n').length

/** The script in a checkout whose addon is one line of C. */
function buildAddon(): Promise<{ status: number; said: string }> {
  return new Promise((resolve) =>
    execFile(process.execPath, [join(root, 'scripts/build-addon.ts')], (error, stdout, stderr) =>
      resolve({ status: Number(error?.code ?? 0), said: stdout + stderr }),
    ),
  )
}

test('the addon is built once, by one of two that start at once, and again after a change', async () => {
  for (const folder of ['scripts', 'native/test']) mkdirSync(join(root, folder), { recursive: true })
  copyFileSync(join(REPOSITORY, 'scripts/build-addon.ts'), join(root, 'scripts/build-addon.ts'))
  symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'))
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
  const target = { target_name: 'wattledger', sources: ['native/addon.c'], defines: ['<!(echo BUILT | tee -a builds)'] }
  writeFileSync(join(root, 'binding.gyp'), JSON.stringify({ targets: [target] }))
  writeFileSync(source, 'int answer(void) { return 42; }\n')

  const built = { status: 0, said: COMPILING }
  assert.deepEqual(await Promise.all([buildAddon(), buildAddon()]), [built, built])
  assert.equal(builds(), 1)
  writeFileSync(join(root, 'native/test/addon_test.c'), 'not of the addon')
  assert.deepEqual(await buildAddon(), { status: 0, said: '' })
  assert.equal(builds(), 1)

  const now = new Date()
  utimesSync(source, now, now)
  assert.deepEqual(await buildAddon(), built)
  assert.equal(builds(), 2)

  writeFileSync(source, 'int answer(void) { return }\n')
  const { status, said } = await buildAddon()
  assert.equal(status, 1)
  assert.match(said, /expected expression/)
  assert.match(said, /^build-addon: the addon was not built, for the reason above; it needs g\+\+, make and python3$/m)
})

test('no module needs its install script: .npmrc lets none run', () => {
  const scripted = Object.entries(readLockfile().packages).filter(([, locked]) => 'hasInstallScript' in locked)
  assert.deepEqual(scripted, [])
})
