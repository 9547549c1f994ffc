import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byLikeness, didYouMean, nearest } from '../../src/model/did-you-mean.ts'

const keys = ['enabled', 'interval', 'interface', 'device', 'deadline']

test('a misspelling finds its word', () => {
  for (const [word, meant] of [
    ['intervall', 'interval'],
    ['Interval', 'interval'],
    ['inteface', 'interface'],
    ['enabeld', 'enabled'],
    ['devcie', 'device'],
    ['deadlin', 'deadline'],
  ] as const) {
    assert.equal(nearest(word, keys), meant, word)
  }
})

test('another word finds none', () => {
  for (const word of ['', 'x', 'frequency', 'interrupts', 'no']) assert.equal(nearest(word, keys), null, word)
  assert.equal(nearest('any', []), null)
})

test('names that hold the word come first, then those with the fewest other letters', () => {
  const zones = ['FR', 'DE', 'DE-LU', 'US-CAL-CISO']
  assert.deepEqual(byLikeness('ciso', zones)[0], 'US-CAL-CISO')
  assert.deepEqual(byLikeness('de-lux', zones).slice(0, 2), ['DE-LU', 'DE'])
  assert.deepEqual(byLikeness('x', []), [])
})

test('the hint names at most three, and is empty where nothing was meant', () => {
  assert.equal(didYouMean(['a', 'b', 'c', 'd']), ' (did you mean a or b or c?)')
  assert.equal(didYouMean([null]), '')
})
