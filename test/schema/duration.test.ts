import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDuration, parseDurationMs } from '../../src/schema/duration.ts'
import fc from '../property.ts'

test('a duration is a whole number and a unit', () => {
  assert.equal(parseDurationMs('250ms'), 250)
  assert.equal(parseDurationMs('5s'), 5_000)
  assert.equal(parseDurationMs('10m'), 600_000)
  assert.equal(parseDurationMs('48h'), 172_800_000)
  assert.equal(parseDurationMs('30d'), 2_592_000_000)
  for (const text of [
    '',
    '5',
    's',
    '5 s',
    '-5s',
    '1.5s',
    '5S',
    '5sec',
    '1h30m',
    ' 5s',
    '5s\n',
    '١s',
    '1234567890123s',
  ]) {
    assert.ok(Number.isNaN(parseDurationMs(text)), JSON.stringify(text))
  }
})

test('formatting is short and loses nothing', () => {
  assert.deepEqual([0, 1, 1_000, 90_000, 3_600_000, 172_800_000].map(formatDuration), [
    '0ms',
    '1ms',
    '1s',
    '90s',
    '1h',
    '2d',
  ])
  const roundTrip = (ms: number) => assert.equal(parseDurationMs(formatDuration(ms)), ms)
  fc.assert(fc.property(fc.integer({ min: 0, max: 999_999_999_999 }), roundTrip))
})
