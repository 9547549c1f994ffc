import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gbOfGib, parseMemoryGib } from '../../src/machine/memory.ts'

test('the memory of the kernel is in kB of 1024 bytes, and 0 where it does not say', () => {
  assert.equal(parseMemoryGib('MemTotal:       16777216 kB\nMemFree:  1 kB\n'), 16)
  assert.equal(parseMemoryGib('MemFree: 1 kB\nMemTotal: 1048576 kB'), 1)
  for (const text of [
    '',
    'MemTotal: none\n',
    'MemTotal:       0 kB\n',
    'MemTotal: 1 MB\n',
    `MemTotal: ${'9'.repeat(16)} kB`,
  ]) {
    assert.equal(parseMemoryGib(text), 0, text)
  }
})

test('a GiB is 1.073741824 GB', () => assert.equal(gbOfGib(64), 68.719476736))
