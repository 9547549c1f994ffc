import assert from 'node:assert/strict'
import { PatternError, patternOf } from '../../../src/attribution/pattern.ts'
import type { FuzzTarget } from '../target.ts'

const MOST_LETTERS = 256
const MOST_MS = 1_000

/** A pattern of a tenant's rule and, behind a zero byte, a name that it meets: refused with its mistake, or quick whatever it is. */
export const tenantPattern: FuzzTarget = {
  name: 'tenant-pattern',
  tokens: [
    '/',
    '(',
    ')',
    '(?:',
    '|',
    '*',
    '+',
    '?',
    '*?',
    '{2}',
    '{0,3}',
    '{1,}',
    '{999}',
    '[',
    ']',
    '[^',
    '[!',
    'a-z',
    '-',
    '.',
    '^',
    '$',
    '\\d',
    '\\W',
    '\\s',
    '\\x41',
    '\\x{1F600}',
    '\\',
    '[:alpha:]',
    '\0',
    'a',
    'web-',
    '😀',
    '(a+)+',
    '(a|aa)*',
  ],
  run(input) {
    const [written = '', name = ''] = input.toString('utf8').split('\0')
    const text = written.slice(0, MOST_LETTERS)
    const startedMs = performance.now()
    try {
      const match = patternOf(text)
      assert.equal(match(name), match(name))
      assert.equal(match('a'.repeat(255)), match('a'.repeat(255)))
    } catch (error) {
      if (!(error instanceof PatternError)) throw error
      assert.match(error.message, /^.+$/s)
    }
    assert.ok(performance.now() - startedMs < MOST_MS, `${text} takes too long`)
  },
}
