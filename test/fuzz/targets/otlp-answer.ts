import assert from 'node:assert/strict'
import { AnswerError } from '../../../src/io/answer.ts'
import { partialSuccessIn } from '../../../src/otlp/answer.ts'
import type { FuzzTarget } from '../target.ts'

/** What an OpenTelemetry receiver answers: a count that can be and a line that can be shown, or a reason. */
export const otlpAnswer: FuzzTarget = {
  name: 'otlp-answer',
  tokens: [
    '\x0a\x02\x08\x07',
    '\x0a\x06\x12\x04full',
    '\x0a\xff\xff\xff\xff\x0f',
    '\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01',
    '<html>',
    '{"partialSuccess":{}}',
    '\x1a\x00',
    '\x12',
  ],
  run(input) {
    try {
      const { rejectedPoints, said } = partialSuccessIn(input)
      assert.ok(Number.isSafeInteger(rejectedPoints) && rejectedPoints >= 0, String(rejectedPoints))
      assert.match(said, /^[\x20-\x7e]{0,200}$/)
    } catch (error) {
      assert.ok(error instanceof AnswerError, error instanceof Error ? error.stack : String(error))
      assert.equal(error.message, 'expected an answer by OTLP, received something else')
    }
  },
}
