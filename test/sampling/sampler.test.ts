import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import type { Channel } from '../../src/model/channel.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import { Sampler } from '../../src/sampling/sampler.ts'
import { TestClock } from '../integration/machine.ts'
import { FakeSensor, fault, RecordingLogger, RecordingSink, settled } from './fakes.ts'

function sampler(required: boolean) {
  const sensor = new FakeSensor()
  const sink = new RecordingSink()
  const clock = new TestClock()
  const logger = new RecordingLogger()
  const remarks = (channels: readonly Channel[]) =>
    channels.map(({ device }) => ({ event: 'hardware_unmetered', text: `nothing but ${device}` }))
  const sampling = new Sampler({ sensors: [{ sensor, required }], sink, clock, logger, remarks })
  return { sensor, sink, clock, logger, sampling }
}

const never = new Promise<void>(() => {})
const { signal } = new AbortController()

test('a sensor that is only welcome holds up no start, and the account for thirty seconds at most', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  try {
    const { sensor, sink, sampling } = sampler(false)
    sensor.held = never
    await sampling.start(signal)
    mock.timers.tick(29_999)
    assert.equal(sink.accountOpens, 0)
    mock.timers.tick(1)
    assert.equal(sink.accountOpens, 1)
    assert.equal(sink.ticks, 30)
    await sampling.stop()
    mock.timers.tick(100_000)
    assert.equal(sink.ticks, 31, 'one pass ends it, and no timer is left')
  } finally {
    mock.timers.reset()
  }
})

test('what is amiss with the channels is said once, when the sensors are open', async () => {
  const { sink, logger, sampling } = sampler(false)
  await sampling.start(signal)
  await settled()
  assert.deepEqual(sink.notes, ['hardware_unmetered'])
  assert.deepEqual(logger.lines, ['info sensor_opened', 'warn hardware_unmetered'])
  await sampling.stop()
})

test('what becomes amiss later is said when the sensors have settled, once for as long as it lasts', async () => {
  const sensor = new FakeSensor()
  const [sink, clock, logger] = [new RecordingSink(), new TestClock(), new RecordingLogger()]
  const remarks = (channels: readonly Channel[]) =>
    channels.length > 0 ? [] : [{ event: 'hardware_unmetered', text: 'the accelerator 0000:3b:00.0 has no driver' }]
  const sampling = new Sampler({ sensors: [{ sensor, required: false }], sink, clock, logger, remarks })
  await sampling.start(signal)
  await settled()
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(NS_PER_S)
      sampling.tick()
      await settled()
    }
  }
  const said = () => sink.notes.filter((what) => what === 'hardware_unmetered').length
  await pass(70)
  assert.equal(said(), 0)
  sensor.isChanged = true
  sensor.fault = fault('SENSOR_TRANSIENT')
  await pass(70)
  assert.equal(said(), 0, 'a driver that is loaded anew is awaited')
  sensor.fault = fault('SENSOR_ABSENT')
  await pass(700)
  assert.equal(said(), 1)
  sensor.isChanged = false
  sensor.fault = null
  await pass(700)
  sensor.isChanged = true
  sensor.fault = fault('SENSOR_ABSENT')
  await pass(700)
  assert.equal(said(), 2, 'it went again')
  await sampling.stop()
})

test('the account opens as soon as every sensor had its chance, and one line names those that are not here', async () => {
  const { sensor, sink, logger, sampling } = sampler(false)
  sensor.fault = fault('SENSOR_ABSENT')
  await sampling.start(signal)
  await settled()
  assert.equal(sink.accountOpens, 1)
  assert.deepEqual(logger.lines, ['info sensors_absent'])
  await sampling.stop()
})

test('the absence of a sensor that is required is an error of the start, which stop() cleans up after', async () => {
  const { sensor, sampling } = sampler(true)
  sensor.fault = fault('SENSOR_PERMISSION')
  await assert.rejects(sampling.start(signal), {
    code: 'SENSOR_PERMISSION',
    message: 'sensors.ipmi.enabled is true, but the BMC says SENSOR_PERMISSION',
  })
  await sampling.stop()
  assert.equal(sensor.closes, 1)
})

test('a start is given up at once when it is no longer wanted, whatever a required sensor does', async () => {
  const { sensor, sink, sampling } = sampler(true)
  sensor.held = never
  const stop = new AbortController()
  const starting = sampling.start(stop.signal)
  stop.abort(new Error('SIGTERM'))
  await assert.rejects(starting, /SIGTERM/)
  await sampling.stop()
  assert.equal(sensor.closes, 1)
  assert.equal(sink.accountOpens, 0, 'an account that was never open is not opened by the stop')
})

test('progress is a pass within ten seconds, and dead sensors do not count', async () => {
  const { sensor, clock, sampling } = sampler(false)
  sensor.fault = fault('SENSOR_TIMEOUT')
  assert.equal(sampling.isProgressing, false)
  await sampling.start(signal)
  sampling.tick()
  assert.equal(sampling.isProgressing, true)
  clock.advance(9_999_999_999n)
  assert.equal(sampling.isProgressing, true)
  clock.advance(1n)
  assert.equal(sampling.isProgressing, false)
  await sampling.stop()
})

test('stop() is safe before start() and twice', async () => {
  const { sink, sampling } = sampler(false)
  await sampling.stop()
  await sampling.stop()
  assert.equal(sink.ticks, 0)
})
