import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/model/time.ts'
import { consumersQuestion, historyQuestion, LONGEST_SPAN_DAYS, stepFor } from '../../src/page/ledger/questions.ts'
import fc from '../property.ts'

const NOW = Date.UTC(2026, 10, 28, 12)

test('without a span, the day that ends now is meant', () => {
  const day = { from: NOW - DAY_MS, until: NOW }
  assert.deepEqual(historyQuestion('', NOW), { kind: 'history', ...day, points: 300 })
  assert.deepEqual(consumersQuestion('limit=7', NOW), { kind: 'consumers', ...day, limit: 7 })
  assert.deepEqual(historyQuestion('to=1000000000', NOW), {
    kind: 'history',
    from: 1e12 - DAY_MS,
    until: 1e12,
    points: 300,
  })
})

test('steps are such as people think in, and no more than were asked for', () => {
  assert.equal(stepFor(HOUR_MS, 420), MINUTE_MS)
  assert.equal(stepFor(DAY_MS, 420), 5 * MINUTE_MS)
  assert.equal(stepFor(7 * DAY_MS, 420), 30 * MINUTE_MS)
  assert.equal(stepFor(365 * DAY_MS, 420), DAY_MS)
  assert.equal(stepFor(HOUR_MS, 420, HOUR_MS), HOUR_MS)
  const spans = fc.integer({ min: 1, max: LONGEST_SPAN_DAYS * DAY_MS })
  fc.assert(
    fc.property(
      spans,
      fc.integer({ min: 1, max: 2_000 }),
      (spanMs, points) => spanMs <= stepFor(spanMs, points) * points,
    ),
  )
})
