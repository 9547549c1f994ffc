import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { MOST_WAITING } from '../../src/exporter/web-config/password-check.ts'
import { HTTP_LIMITS, LONGEST_URL } from '../../src/io/serve/http-limits.ts'
import { TARGETS } from '../fuzz/targets/index.ts'

const root = resolve(import.meta.dirname, '../..')
const text = readFileSync(join(root, 'docs/security.md'), 'utf8').replaceAll(/\s+/g, ' ')

test('the threat model names only files that there are, and every fuzzer', () => {
  const named = [...text.matchAll(/`((?:src|native|test|systemd|packaging)\/[^`]+)`/g)].map(([, path = '']) => path)
  assert.ok(named.length > 30)
  for (const path of named) assert.ok(existsSync(join(root, path)), path)
  for (const { name } of TARGETS) assert.ok(named.includes(`test/fuzz/targets/${name}.ts`), name)
})

test('its figures are those of the code', () => {
  const { requestMs, answerMs, connections, headerBytes } = HTTP_LIMITS
  const limits = `A request has ${requestMs / 1e3} s, an answer ${answerMs / 1e3} s, a TLS handshake ${requestMs / 1e3} s, a URL ${LONGEST_URL / 1024} KiB, headers ${headerBytes / 1024} KiB, and there are ${connections} connections`
  assert.ok(text.includes(limits), limits)
  assert.ok(
    text.includes(`up to ${['', ...'one two three four five six seven eight'.split(' ')][MOST_WAITING]} of them`),
  )
  const unit = readFileSync(join(root, 'systemd/wattledger.service'), 'utf8')
  assert.match(unit, /^MemoryMax=512M$/m)
  assert.match(unit, /^TasksMax=256$/m)
})
