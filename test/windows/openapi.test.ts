import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { OPENAPI } from '../../src/windows/openapi.ts'
import { MOST_BODY_BYTES, MOST_WAIT_S, wishOf } from '../../src/windows/requests.ts'

const FILE = resolve(import.meta.dirname, '../../docs/api/openapi.json')

test('docs/api/openapi.json is what the agent serves (UPDATE_GOLDEN=1 writes it)', () => {
  if (process.env.UPDATE_GOLDEN) writeFileSync(FILE, `${JSON.stringify(OPENAPI, null, 2)}\n`)
  assert.deepEqual(JSON.parse(readFileSync(FILE, 'utf8')), OPENAPI)
})

test('the document promises what a request may say, and no more', () => {
  const { properties } = OPENAPI.components.schemas.Wish
  const all = { name: 'a', tags: { b: 'c' }, series: 'd', repeats: 2, limit_s: 60, baseline_w: 10.5, has_scope: true }
  assert.deepEqual(Object.keys(properties).sort(), Object.keys(all).sort())
  assert.deepEqual(wishOf(JSON.stringify(all), 7), {
    uid: 7,
    hasScope: true,
    name: 'a',
    tags: { b: 'c' },
    series: 'd',
    repeats: 2,
    limitMs: 60_000,
    baselineUw: 10_500_000n,
  })
  const { name, tags, series, repeats } = properties
  const longest = {
    name: 'x'.repeat(name.maxLength),
    tags: Object.fromEntries(
      Array.from({ length: tags.maxProperties }, (_, at) => [
        `t${at}`,
        'y'.repeat(tags.additionalProperties.maxLength),
      ]),
    ),
    series: 'z'.repeat(series.maxLength),
    repeats: repeats.maximum,
  }
  assert.doesNotThrow(() => wishOf(JSON.stringify(longest), null))
  assert.ok(JSON.stringify(longest).length < MOST_BODY_BYTES)
  for (const [key, value] of Object.entries({
    name: 'x'.repeat(name.maxLength + 1),
    series: 'x'.repeat(series.maxLength + 1),
    repeats: repeats.maximum + 1,
    tags: { ...longest.tags, more: '' },
  })) {
    assert.throws(() => wishOf(JSON.stringify({ ...longest, [key]: value }), null), new RegExp(`^Error: ${key}: `))
  }
  const wait = OPENAPI.paths['/v1/windows/{id}'].get.parameters[1]?.schema
  assert.equal((wait as { readonly maximum?: number }).maximum, MOST_WAIT_S)
})
