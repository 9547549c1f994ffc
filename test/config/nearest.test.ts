import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearest } from '../../src/config/nearest.ts'

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
