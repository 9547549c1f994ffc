import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { bundle } from '../../packaging/bundle.ts'
import { withoutFacades } from '../../packaging/facades.ts'

const root = resolve(import.meta.dirname, '../..')

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-bundle-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

const ran = (file: string, ...args: readonly string[]) =>
  execFileSync(process.execPath, [file, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

test("the bundle runs, and takes none of Node's own modules by an import", (t) => {
  const folder = temporaryFolder(t)
  const out = join(folder, 'dist')
  bundle(root, out)
  for (const name of ['package.json', 'node_modules', 'build']) symlinkSync(join(root, name), join(folder, name))
  const files = globSync('*.js', { cwd: out })
  assert.ok(files.length > 50)
  for (const file of files) {
    for (const [statement, name = ''] of readFileSync(join(out, file), 'utf8').matchAll(/\bfrom ?["']([\w:/]+)["']/g))
      assert.ok(!isBuiltin(name), `${file}: ${statement}`)
    // By where it lies beside the program.
    assert.doesNotMatch(
      readFileSync(join(out, file), 'utf8'),
      /\b(?:from ?|require\d*\()["'](?:better-sqlite3|#addon)["']/,
    )
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  assert.equal(ran(join(out, 'main.js'), '--version'), `${version}\n`)
  assert.match(ran(join(out, 'main.js'), 'config', 'print'), /^node:$/m)
})

test('each form of an import is taken, and nothing that only looks like one', (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'out'))
  writeFileSync(join(folder, 'out/own.js'), 'export const own=1,rest=2;')
  const beside = join(folder, 'node_modules/better-sqlite3/lib')
  mkdirSync(beside, { recursive: true })
  writeFileSync(join(beside, '../package.json'), '{}')
  writeFileSync(join(beside, 'index.js'), 'module.exports=class Beside{};')
  const code = [
    '#!/usr/bin/env node',
    'import{join,sep as between}from"node:path";import{own as mine}from"./own.js";import os from"os";import*as fs from"node:fs";',
    'import events,{once as $1}from"node:events";import"node:net";import Database from"better-sqlite3";',
    'var text=`import from"node:fs"`;',
    'console.log(JSON.stringify([join("a","b"),between,mine,typeof os.hostname,typeof fs.readFileSync,events.once===$1,text,require("path").sep,Database.name]));',
  ]
  writeFileSync(join(folder, 'out/main.js'), code.join('\n'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  withoutFacades(join(folder, 'out'))
  const told = JSON.parse(ran(join(folder, 'out/main.js')))
  assert.deepEqual(told, ['a/b', '/', 1, 'function', 'function', true, 'import from"node:fs"', '/', 'Beside'])
  assert.equal(readFileSync(join(folder, 'out/own.js'), 'utf8'), 'export const own=1,rest=2;')
})
