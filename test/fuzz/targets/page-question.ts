import assert from 'node:assert/strict'
import { BadRequest } from '../../../src/io/serve/query.ts'
import { DAY_MS } from '../../../src/model/time.ts'
import {
  consumersQuestion,
  historyQuestion,
  LONGEST_SPAN_DAYS,
  MOST_LISTED,
  MOST_POINTS,
  type Question,
} from '../../../src/page/ledger/questions.ts'
import type { FuzzTarget } from '../target.ts'

const NOW = Date.UTC(2026, 10, 28, 12)

/** What stands behind the `?`: refused with a sentence, or a question within the bounds that the interface promises. */
export const pageQuestion: FuzzTarget = {
  name: 'page-question',
  tokens: [
    'from=',
    '&to=',
    '&points=',
    '&limit=',
    '2026-11-28T10:00:00Z',
    '1795000000',
    '%00',
    '&from=',
    '+01:00',
    '1e9',
  ],
  run(input) {
    const query = input.toString('latin1')
    for (const read of [historyQuestion, consumersQuestion]) {
      const question = outcome(() => read(query, NOW))
      if (question === null) continue
      const { from, until } = question
      assert.ok(Number.isSafeInteger(from) && from >= 0 && until > from && until - from <= LONGEST_SPAN_DAYS * DAY_MS)
      assert.ok(Number.isFinite(new Date(until + LONGEST_SPAN_DAYS * DAY_MS).getTime()))
      const [count, most] = question.kind === 'history' ? [question.points, MOST_POINTS] : [question.limit, MOST_LISTED]
      assert.ok(Number.isInteger(count) && count >= 1 && count <= most)
    }
  },
}

/** Null for what is refused. */
function outcome(read: () => Question): Question | null {
  try {
    return read()
  } catch (error) {
    assert.ok(error instanceof BadRequest, String(error))
    assert.doesNotMatch(error.message, /\n/)
    return null
  }
}
