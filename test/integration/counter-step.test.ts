import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CounterStep, stepCounter } from '../../src/integration/counter-step.ts'
import fc from '../property.ts'

const cases: readonly [string, bigint | undefined, bigint, bigint | null, bigint, CounterStep][] = [
  ['nothing before', undefined, 5n, 100n, 10n, { type: 'first' }],
  ['rose', 5n, 9n, 100n, 10n, { type: 'advanced', counts: 4n }],
  ['stood still', 5n, 5n, 100n, 10n, { type: 'advanced', counts: 0n }],
  ['fell by a wrap', 98n, 3n, 100n, 10n, { type: 'wrapped', counts: 5n }],
  ['wrapped to zero', 99n, 0n, 100n, 10n, { type: 'wrapped', counts: 1n }],
  ['fell by more than a wrap can explain', 50n, 3n, 100n, 10n, { type: 'reset' }],
  ['half the range could have passed', 98n, 3n, 100n, 50n, { type: 'ambiguous' }],
  ['half the range could have passed, and it rose', 3n, 9n, 100n, 50n, { type: 'ambiguous' }],
  ['no register: fell', 98n, 3n, null, 1000n, { type: 'reset' }],
  ['no register: rose after any time', 98n, 99n, null, 1n << 70n, { type: 'advanced', counts: 1n }],
]

for (const [name, previous, current, modulus, maxCounts, expected] of cases) {
  test(`counter step: ${name}`, () => assert.deepEqual(stepCounter(previous, current, modulus, maxCounts), expected))
}

test('a step below half the range is exact at every offset of the register', () => {
  const modulus = 1n << 32n
  fc.assert(
    fc.property(fc.bigInt(0n, modulus - 1n), fc.bigInt(0n, modulus / 2n - 1n), (previous, counts) => {
      const step = stepCounter(previous, (previous + counts) % modulus, modulus, modulus / 2n - 1n)
      assert.ok(step.type === 'advanced' || step.type === 'wrapped')
      assert.equal(step.counts, counts)
    }),
  )
})
