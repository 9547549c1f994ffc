import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Signals } from '../../src/commands/signals.ts'

/** Listeners of the process itself, taken away with the test. */
function signalsOf(context: TestContext) {
  const given = { up: 0 }
  const before = new Set(process.rawListeners('SIGHUP'))
  const signals = new Signals(() => {
    given.up += 1
  })
  assert.equal(process.rawListeners('SIGHUP').length, before.size + 1)
  context.after(() => {
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.removeAllListeners(name)
  })
  return { signals, given }
}

test('a reload that is asked for before it can be done is done once when it can, and later ones at once', (t) => {
  const { signals } = signalsOf(t)
  process.emit('SIGHUP')
  process.emit('SIGHUP')
  let reloads = 0
  signals.onReload(() => {
    reloads += 1
  })
  assert.equal(reloads, 1)
  process.emit('SIGHUP')
  process.emit('SIGHUP')
  assert.equal(reloads, 3)
})

test('the first signal to end is an orderly stop, the second one an end', (t) => {
  const { signals, given } = signalsOf(t)
  assert.equal(signals.stop.aborted, false)
  process.emit('SIGTERM', 'SIGTERM')
  assert.equal(signals.stop.reason, 'SIGTERM')
  assert.equal(given.up, 0)
  process.emit('SIGINT', 'SIGINT')
  assert.equal(given.up, 1)
})

test('a stop that does not come to its end is cut short within 10 s', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { given } = signalsOf(t)
  process.emit('SIGTERM', 'SIGTERM')
  t.mock.timers.tick(7_000)
  assert.equal(given.up, 0)
  t.mock.timers.tick(2_000)
  assert.equal(given.up, 1)
})
