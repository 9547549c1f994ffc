import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { constants, copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { acceptBuiltinCode } from '../../packaging/builtin-code.ts'
import { readLauncher } from '../../packaging/launcher.ts'

const { flags } = readLauncher()

/** Of the modules of Node that a server loads. */
interface Compiled {
  readonly withCode: number
  readonly anew: number
}

function compiledBy(node: string, flags: readonly string[]): Compiled {
  const program = `
    const { getCacheUsage } = require('internal/test/binding').internalBinding('builtins')
    require('node:http')
    const { compiledWithCache, compiledWithoutCache } = getCacheUsage()
    console.log(JSON.stringify({ withCode: compiledWithCache.size, anew: compiledWithoutCache.size }))`
  const args = [...flags, '--expose-internals', '--no-warnings', '--eval', program]
  return JSON.parse(execFileSync(node, args, { encoding: 'utf8' })) as Compiled
}

test('a Node takes the code of its own modules although it is started with other flags, and only with these', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-node-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const node = join(folder, 'node')
  copyFileSync(process.execPath, node, constants.COPYFILE_FICLONE)
  const usual = compiledBy(node, [])
  assert.ok(usual.withCode > 20 && usual.anew === 0)
  assert.deepEqual(compiledBy(node, flags), { withCode: 0, anew: usual.withCode })
  assert.ok(acceptBuiltinCode(node, flags) > 300)
  assert.deepEqual(compiledBy(node, flags), usual)
  assert.deepEqual(compiledBy(node, []), { withCode: 0, anew: usual.withCode })
  assert.throws(() => acceptBuiltinCode(node, flags), /node: no code that this Node would take without flags$/)
})

test('what is no Node is refused', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-node-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const shell = join(folder, 'sh')
  copyFileSync('/bin/sh', shell)
  assert.throws(() => acceptBuiltinCode(shell, flags), /sh: no code that this Node would take without flags$/)
})
