import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { commentedYaml } from '../../src/config/document.ts'
import { parseConfig } from '../../src/config/loader.ts'
import { jsonSchema } from '../../src/config/shape.ts'
import type { KeyShape } from '../../src/schema/key-shape.ts'

const packaged = join(import.meta.dirname, '../../config/wattledger.yaml')

test('the packaged file is the schema, written out', () => {
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(packaged, commentedYaml())
  assert.equal(readFileSync(packaged, 'utf8'), commentedYaml(), 'run this test with UPDATE_GOLDEN=1 to write it anew')
})

test('the packaged file changes nothing', () => {
  const env = { HOME: '/root' }
  assert.deepEqual(parseConfig(commentedYaml(), env, 'packaged'), parseConfig('', env, 'defaults'))
})

test('every key is documented, has a default and says what it expects', () => {
  const check = (shape: KeyShape, path: string): void => {
    assert.ok(shape.description, path)
    assert.notEqual(shape.default, undefined, path)
    if (shape.properties === undefined) assert.match(shape.description, /Expects .+\.$/, path)
    for (const [key, child] of Object.entries(shape.properties ?? {})) check(child, `${path}.${key}`)
  }
  check(jsonSchema(), '')
})

test('lines are no longer than a terminal', () => {
  for (const line of commentedYaml().split('\n')) assert.ok(line.length <= 100, line)
})
