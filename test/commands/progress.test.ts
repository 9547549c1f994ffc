import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Progress } from '../../src/commands/progress.ts'

function shown(isTTY: boolean, steps: readonly (readonly [atMs: number, done: number])[]): string {
  let nowMs = 0
  const written: string[] = []
  const line = new Progress({ isTTY, write: (text) => written.push(text) }, 'Reading', () => nowMs)
  for (const [atMs, done] of steps) {
    nowMs = atMs
    line.show(done)
  }
  line.clear()
  return written.join('').replaceAll('\r\u001b[K', '|')
}

test('one line on a terminal, from half a second on, and it goes away', () => {
  const steps = [
    [100, 0.1],
    [600, 0.204],
    [700, 0.209],
    [900, 1],
  ] as const
  const [fifth, whole] = [`${'#'.repeat(6)}${' '.repeat(24)}`, '#'.repeat(30)]
  assert.equal(shown(true, steps), `|Reading [${fifth}]  20 %|Reading [${whole}] 100 %|`)
  assert.equal(shown(true, steps.slice(0, 1)), '')
  assert.equal(shown(false, steps), '')
})
