import assert from 'node:assert/strict'
import { BadRequest, countIn, timeIn } from '../../../src/io/serve/query.ts'
import { waitIn, waitOf, wishOf } from '../../../src/windows/requests.ts'
import type { FuzzTarget } from '../target.ts'

const KEYS = new Set(['uid', 'hasScope', 'name', 'tags', 'series', 'repeats', 'limitMs', 'baselineUw'])

/** A query on the first line and a body behind it: refused with a sentence, or within the bounds that the interface promises. */
export const windowRequest: FuzzTarget = {
  name: 'window-request',
  tokens: [
    '{"name":"a"}',
    '"tags":{',
    '"__proto__":',
    '"repeats":',
    '1e999',
    '-0',
    'from=',
    '&to=',
    '2026-11-28T10:00:00Z',
    '%00',
  ],
  run(input) {
    const [line = '', ...rest] = input.toString('utf8').split('\n')
    const query = new URLSearchParams(line)
    const from = outcome(() => timeIn(query, 'from'))
    if (from !== null) assert.ok(Number.isSafeInteger(from) && Number.isFinite(new Date(from).getTime()))
    const count = outcome(() => countIn(query, 'limit', 100, 1_000))
    if (count !== null) assert.ok(Number.isInteger(count) && count >= 1 && count <= 1_000)
    for (const wait of [outcome(() => waitIn(query, 1)), outcome(() => waitOf(rest.join('\n'), 1))]) {
      if (wait !== null) assert.ok(wait >= 0 && wait <= 12)
    }
    const wish = outcome(() => wishOf(rest.join('\n'), 1000))
    if (wish === null) return
    assert.deepEqual(new Set(Object.keys(wish)), KEYS)
    assert.ok(wish.name.length > 0 && wish.name.length <= 128)
    assert.ok(Object.values(wish.tags).every((value) => typeof value === 'string' && value.length <= 512))
    assert.equal(Object.getPrototypeOf(wish.tags), Object.prototype)
    if (wish.limitMs !== null) assert.ok(Number.isSafeInteger(wish.limitMs) && wish.limitMs > 0)
    if (wish.baselineUw !== null) assert.ok(wish.baselineUw >= 0n)
  },
}

/** Null for what is refused. */
function outcome<Value>(read: () => Value): Value | null {
  try {
    return read()
  } catch (error) {
    assert.ok(error instanceof BadRequest, String(error))
    assert.doesNotMatch(error.message, /\n/)
    return null
  }
}
