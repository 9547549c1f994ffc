import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')

/** What a shell says whose pipe reads the schema of the configuration. */
function piped(reader: string): string {
  const script = `{ "$0" "$1" config schema; echo "code $?" >&2; } 2>&1 | { ${reader}; }`
  return execFileSync('sh', ['-c', script, process.execPath, MAIN], { encoding: 'utf8' })
}

test('a long answer comes whole through a pipe that is read late', () => {
  const said = piped('sleep 0.5; cat')
  assert.ok(said.length > 65_536, 'longer than a pipe holds')
  assert.match(said, /^}\ncode 0\n$/m)
})

test('a reader that leaves early ends the command without a complaint', () => {
  assert.equal(piped('head -n 1'), '{\n')
})

test('a full disk behind standard output is told of, and is a failure', { skip: !existsSync('/dev/full') }, () => {
  const { status, stderr } = spawnSync('sh', ['-c', '"$0" "$1" config schema > /dev/full', process.execPath, MAIN], {
    encoding: 'utf8',
  })
  assert.equal(stderr, 'wattledger: cannot write to standard output: ENOSPC: no space left on device, write\n')
  assert.equal(status, 1)
})
