import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import type { Logger } from '../../src/model/logger.ts'
import { SystemdNotifier, type SystemdNotifierOptions } from '../../src/systemd/notifier.ts'

const { signal } = new AbortController()

beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }))
afterEach(() => mock.timers.reset())

/** A notifier under a manager that keeps what it is told. */
function setUp(overrides: Partial<SystemdNotifierOptions> = {}) {
  const told: string[] = []
  const events: string[] = []
  const log = ({ event }: { event: string }) => void events.push(event)
  const logger: Logger = { debug: log, info: log, warn: log, error: log }
  const notifier = new SystemdNotifier({
    notify: (state) => told.push(state) > 0,
    env: { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '42' },
    pid: 42,
    clock: { monotonicNs: () => 1_234_567_890n },
    healthy: () => true,
    status: () => '412 W by dcmi',
    logger,
    ...overrides,
  })
  return { notifier, told, events }
}

test('says when it is ready, when it reloads and when it stops', async () => {
  const { notifier, told } = setUp({ env: {} })
  await notifier.start(signal)
  notifier.reloading()
  notifier.ready('reloaded')
  notifier.extendTimeout(1_500)
  await notifier.stop()
  assert.deepEqual(told, [
    'READY=1\nSTATUS=412 W by dcmi',
    'RELOADING=1\nMONOTONIC_USEC=1234567',
    'READY=1\nSTATUS=reloaded',
    'EXTEND_TIMEOUT_USEC=1500000',
    'STOPPING=1',
  ])
})

test('feeds the watchdog at half its time, from start to stop', async () => {
  const { notifier, told } = setUp()
  await notifier.start(signal)
  mock.timers.tick(14_999)
  assert.equal(told.length, 1)
  mock.timers.tick(1)
  assert.equal(told.at(-1), 'WATCHDOG=1\nSTATUS=412 W by dcmi')
  mock.timers.tick(45_000)
  assert.equal(told.filter((state) => state.startsWith('WATCHDOG=1')).length, 4)
  await notifier.stop()
  mock.timers.tick(60_000)
  assert.equal(told.length, 6)
  assert.equal(told.at(-1), 'STOPPING=1')
})

test('lets the watchdog bite while sampling stands still, and says so once', async () => {
  let isHealthy = false
  const { notifier, told, events } = setUp({ healthy: () => isHealthy })
  await notifier.start(signal)
  mock.timers.tick(45_000)
  assert.equal(told.length, 1)
  assert.deepEqual(events, ['watchdog_withheld'])
  isHealthy = true
  mock.timers.tick(15_000)
  assert.match(told.at(-1) ?? '', /^WATCHDOG=1\n/)
  isHealthy = false
  mock.timers.tick(15_000)
  assert.deepEqual(events, ['watchdog_withheld', 'watchdog_withheld'])
  await notifier.stop()
})

test('leaves alone a watchdog that is not there or not for this process', async () => {
  const others = [
    {},
    { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' },
    { WATCHDOG_USEC: '' },
    { WATCHDOG_USEC: '0' },
    { WATCHDOG_USEC: 'soon' },
  ]
  for (const env of others) {
    const { notifier, told } = setUp({ env })
    await notifier.start(signal)
    mock.timers.tick(3_600_000)
    assert.equal(told.length, 1, JSON.stringify(env))
    await notifier.stop()
  }
  const { notifier, told } = setUp({ env: { WATCHDOG_USEC: '2000000' } })
  await notifier.start(signal)
  mock.timers.tick(1_000)
  assert.equal(told.length, 2, 'without WATCHDOG_PID it is for whoever has the variable')
  await notifier.stop()
})

test('a manager that does not listen costs one warning and nothing else', async () => {
  let isDeaf = true
  const { notifier, events } = setUp({
    notify: () => {
      if (isDeaf) throw new Error('Connection refused')
      return true
    },
  })
  await notifier.start(signal)
  mock.timers.tick(60_000)
  assert.deepEqual(events, ['notify_failed'])
  isDeaf = false
  mock.timers.tick(15_000)
  isDeaf = true
  mock.timers.tick(15_000)
  assert.deepEqual(events, ['notify_failed', 'notify_failed'])
  await notifier.stop()
})

test('a status cannot smuggle in another assignment', async () => {
  const { notifier, told } = setUp({ status: () => 'fine\nSTOPPING=1\r\nMAINPID=1' })
  await notifier.start(signal)
  await notifier.stop()
  assert.equal(told[0], 'READY=1\nSTATUS=fine STOPPING=1 MAINPID=1')
})

test('stop is idempotent and safe before start, and start does nothing when aborted', async () => {
  const { notifier, told } = setUp()
  await notifier.stop()
  await assert.rejects(notifier.start(AbortSignal.abort()))
  await notifier.stop()
  assert.equal(told.length, 0)
  await notifier.start(signal)
  await notifier.start(signal)
  await notifier.stop()
  await notifier.stop()
  assert.deepEqual(
    told.map((state) => state.split('\n')[0]),
    ['READY=1', 'STOPPING=1'],
  )
})
