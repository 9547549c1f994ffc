import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Sampler } from '../../src/sampling/sampler.ts'
import { power, TestClock, watts } from '../integration/machine.ts'
import { FakeSensor, RecordingLogger, RecordingSink } from './fakes.ts'

const { signal } = new AbortController()

/** A sensor that is asked out of turn, and answers when a test lets it. */
class AskedSensor extends FakeSensor {
  asks = 0
  answer: Promise<void> = Promise.resolve()

  constructor(isQuick: boolean) {
    super()
    this.isQuick = isQuick
  }

  override async readNow(signal = new AbortController().signal): Promise<readonly never[]> {
    this.asks += 1
    const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    await Promise.race([this.answer, aborted])
    this.sweeps.push({ first: 0, readings: [power(1n, watts(1))] })
    return []
  }
}

async function started(...sensors: readonly AskedSensor[]): Promise<{ sampling: Sampler; sink: RecordingSink }> {
  const sink = new RecordingSink()
  const sampled = sensors.map((sensor) => ({ sensor, required: true }))
  const [clock, logger] = [new TestClock(), new RecordingLogger()]
  const sampling = new Sampler({ sensors: sampled, sink, clock, logger, remarks: () => [] })
  await sampling.start(signal)
  return { sampling, sink }
}

test('a renewal asks quick sensors alone, and passes on what they say', async () => {
  const [quick, slow] = [new AskedSensor(true), new AskedSensor(false)]
  const { sampling, sink } = await started(quick, slow)
  await sampling.renew()
  assert.deepEqual([quick.asks, slow.asks], [1, 0])
  assert.deepEqual([sink.sweeps.length, sink.ticks], [1, 1])
  await sampling.stop()
})

test('a quick sensor that hangs or fails costs a renewal twenty milliseconds, and nobody else', async () => {
  const [hung, broken, sound] = [new AskedSensor(true), new AskedSensor(true), new AskedSensor(true)]
  hung.answer = new Promise(() => {})
  broken.answer = Promise.reject(new Error('EIO'))
  const { sampling, sink } = await started(hung, broken, sound)
  await sampling.renew()
  assert.deepEqual([sink.sweeps.length, sink.ticks], [1, 1])
  await sampling.stop()
})

test('a renewal during the start or after the stop reads nothing and settles nothing', async () => {
  const sensor = new AskedSensor(true)
  const { sampling, sink } = await started(sensor)
  await sampling.stop()
  const { ticks } = sink
  await sampling.renew()
  assert.deepEqual([sensor.asks, sink.ticks], [0, ticks])
})
