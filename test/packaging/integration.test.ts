import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { bashCompletion } from '../../packaging/completions.ts'
import { productionLock } from '../../packaging/lockfile.ts'
import { commandManual, configurationManual } from '../../packaging/manual.ts'
import { programShape, runnable } from '../../packaging/program.ts'
import type { Release } from '../../packaging/release.ts'

const program = programShape()
const release: Release = {
  name: 'wattledger',
  version: '1.2.3',
  license: 'Apache-2.0',
  summary: 'Energy ledger',
  maintainer: 'Nobody <nobody@wattledger.invalid>',
  imports: {},
  epochS: 1_767_225_600,
  compression: 0,
}

function completed(...words: readonly string[]): readonly string[] {
  const script = `${bashCompletion(program)}
compopt() { :; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _wattledger; printf '%s\\n' "\${COMPREPLY[@]}"`
  const out = execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8', cwd: '/' })
  return out.split('\n').filter((line) => line !== '')
}

test('bash completes commands, options and files', () => {
  assert.deepEqual(completed('wattledger', 'd'), ['doctor'])
  assert.deepEqual(completed('wattledger', 'config', ''), ['check', 'print', 'schema', '--help'])
  assert.deepEqual(completed('wattledger', 'doctor', '--json', '--c'), ['--config'])
  assert.deepEqual(completed('wattledger', 'config', 'check', '-c', '/et'), ['/etc'])
  assert.deepEqual(completed('wattledger', 'exec', '--json', '/et'), ['/etc'])
})

test('the program is there for each processor of a build', async () => {
  assert.deepEqual(programShape(), program)
  assert.ok(runnable(program).some(({ words }) => words === 'agent'))
})

test('the manual names every command and every option', () => {
  const text = commandManual(program, release).replaceAll('\\-', '-')
  for (const { words, command } of runnable(program)) {
    assert.match(text, new RegExp(`^\\.SS ${words}$`, 'm'))
    for (const { long } of command.options.filter((option) => option.long !== '--help')) assert.ok(text.includes(long))
  }
  assert.match(text, /^-- COMMAND \[ARGUMENT\.\.\.\]$/m)
  assert.match(text, /^\.TH WATTLEDGER 8 2026-01-01 "wattledger 1\.2\.3"/)
  assert.doesNotMatch(text, /@[A-Z]+@/)
})

test('the manual of the configuration has keys with their defaults', () => {
  const text = configurationManual(release)
  assert.match(text, /^\.B sensors\.ipmi\.device\n.*\nDefault: \/dev\/ipmi0\.$/m)
  assert.match(text, /^\.B carbon\.zone\n.*\nDefault: null\.$/m)
  assert.match(text, /^\.B sensors\.redfish\.interval\n.*\nDefault: 30s\.$/m)
})

test('what a server gets has no build tools, no runtime from the registry and no types', () => {
  const names = Object.keys(productionLock().lockfile.packages)
  assert.ok(names.includes('node_modules/better-sqlite3'))
  assert.deepEqual(
    names.filter((name) => /node-gyp|typescript|biome|node-linux|@types|fast-check|nopt|undici/.test(name)),
    [],
  )
})
