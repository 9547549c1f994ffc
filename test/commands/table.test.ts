import assert from 'node:assert/strict'
import { test } from 'node:test'
import { table } from '../../src/commands/table.ts'

test('a table of years has its lines, however many they are', () => {
  const rows = Array.from({ length: 300_000 }, (_, n) => [String(n), 'g'])
  const lines = table([['id', 'unit'], ...rows], new Set([0]))
  assert.equal(lines.length, 300_001)
  assert.deepEqual([lines[0], lines[1], lines.at(-1)], ['    id  unit', '     0  g', '299999  g'])
})
