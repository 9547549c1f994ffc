import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BackOff } from '../../src/sampling/back-off.ts'
import { fault } from './fakes.ts'

const delays = (times: number, error: ReturnType<typeof fault>) => {
  const backOff = new BackOff()
  return Array.from({ length: times }, () => backOff.delayMs(error) / 1_000)
}

test('the wait doubles from what its error calls for up to five minutes', () => {
  assert.deepEqual(delays(11, fault('SENSOR_TRANSIENT')), [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
  assert.deepEqual(delays(6, fault('SENSOR_TIMEOUT')), [10, 10, 10, 10, 16, 32])
  assert.deepEqual(delays(8, fault('SENSOR_PERMISSION')), [60, 60, 60, 60, 60, 60, 64, 128])
  assert.deepEqual(delays(2, fault('SENSOR_ABSENT')), [300, 300])
})

test('a sensor may ask for more time, or for less than its error would get', () => {
  assert.deepEqual(delays(4, fault('SENSOR_TRANSIENT', { retryAfterMs: 3_000 })), [3, 3, 4, 8])
  assert.deepEqual(delays(2, fault('SENSOR_ABSENT', { retryAfterMs: 5_000 })), [5, 5])
})

test('a success forgets the waits', () => {
  const backOff = new BackOff()
  for (let n = 0; n < 5; n++) backOff.delayMs(fault('SENSOR_TRANSIENT'))
  backOff.reset()
  assert.equal(backOff.delayMs(fault('SENSOR_TRANSIENT')), 1_000)
})

test('what was there is awaited soon, though not for ever', () => {
  for (const code of ['SENSOR_ABSENT', 'SENSOR_PERMISSION'] as const) {
    const backOff = new BackOff()
    backOff.reset()
    const waits = Array.from({ length: 10 }, () => backOff.delayMs(fault(code)) / 1_000)
    assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300])
  }
})
