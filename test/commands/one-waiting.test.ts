import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { oneWaiting } from '../../src/commands/one-waiting.ts'

test('however often a step is asked for while it runs, it is done once more, and again when it is asked for later', async () => {
  const done: (() => void)[] = []
  const ask = oneWaiting(() => new Promise<void>((resolve) => void done.push(resolve)))
  for (let n = 0; n < 200; n++) {
    ask()
    await setImmediate()
  }
  assert.equal(done.length, 1)
  done[0]?.()
  await setImmediate()
  assert.equal(done.length, 2)
  done[1]?.()
  await setImmediate()
  assert.equal(done.length, 2)
  ask()
  await setImmediate()
  assert.equal(done.length, 3)
})
