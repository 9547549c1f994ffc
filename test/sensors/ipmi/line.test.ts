import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { names, read, sensorAt, setUp, signal, watts } from './machine.ts'
import { sdrRecord } from './sdr-record.ts'
import { powerReading, type VmRequest, vmFrame } from './vm-bmc.ts'

describe('the line', () => {
  /** A sound answer of 999 W under other numbers, which must never be believed. */
  const late = ({ seq, netfn, cmd }: VmRequest, change: Partial<VmRequest>) =>
    vmFrame({ seq, netfn, cmd, ...change }, [0x00, ...powerReading(999)])
  const faults: Record<string, (frame: Buffer, request: VmRequest) => Buffer[]> = {
    'byte by byte': (frame) => [...frame].map((byte) => Buffer.from([byte])),
    'a stale sequence number before it': (frame, request) => [
      late(request, { seq: (request.seq + 255) & 0xff }),
      frame,
    ],
    'the answer to another command before it': (frame, request) => [late(request, { cmd: 0x03 }), frame],
    'a request of its own before it': (frame, request) => [
      Buffer.from([request.seq, 0xb0, 2, 0x4e - request.seq, 0xa0]),
      frame,
    ],
    'control messages and empty frames': (frame) => [Buffer.from([0x01, 0xa1, 0x02, 0xa1, 0xa0, 0xa0]), frame],
    'a frame cut in an escape': (frame) => [Buffer.from([0x07, 0xaa, 0xa0]), frame],
    'a frame without end': (frame) => [Buffer.alloc(5000, 0x55), Buffer.from([0xa0]), frame],
    'a flood of strangers': (frame, request) => [
      Buffer.concat(new Array(3000).fill(late(request, { seq: request.seq ^ 0x80 }))),
      frame,
    ],
  }
  for (const [what, mangle] of Object.entries(faults)) {
    test(`${what}: the answer is found`, async (t) => {
      const bmc = await setUp(t)
      bmc.identify(42)
      bmc.mangle = mangle
      const sensor = sensorAt(t, bmc.url)
      await sensor.open(signal)
      for (let times = 0; times < 5; times++) assert.deepEqual(await watts(sensor), [321])
    })
  }

  test('escapes in every place of a value', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    const sensor = sensorAt(t, bmc.url)
    await sensor.open(signal)
    for (const value of [0xa0, 0xa1, 0xaa, 0xa0a0, 0xa1aa, 0xaaa1]) {
      bmc.say('2c/02', powerReading(value, 0x40, { least: value, most: value }))
      assert.deepEqual(await watts(sensor), [value])
    }
  })

  test('a wrong sum is no answer', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    const sensor = sensorAt(t, bmc.url, { deadline: 1_000 })
    await sensor.open(signal)
    bmc.mangle = (frame) => {
      const wrong = Buffer.from(frame)
      wrong[5] = (wrong[5] ?? 0) ^ 0x01
      return [wrong]
    }
    assert.deepEqual(await watts(sensor), ['SENSOR_TIMEOUT'])
  })

  test('a late answer is dropped, and the BMC left alone until then', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    const sensor = sensorAt(t, bmc.url, { deadline: 1_000 })
    await sensor.open(signal)
    await watts(sensor)
    let held: VmRequest | undefined
    bmc.mangle = (_, request) => {
      held = request
      return []
    }
    assert.deepEqual(await watts(sensor), ['SENSOR_TIMEOUT'])
    const asked = bmc.requests.length
    const [refused] = await read(sensor)
    assert.match(refused?.status === 'failed' ? refused.message : '', /left alone for a while/)
    assert.equal(bmc.requests.length, asked)
    assert.ok(held)
    const stale = late(held, {})
    bmc.mangle = (frame) => [stale, frame]
    const seen = new Set<number | string>()
    while (!seen.has(321) && !t.signal.aborted) for (const one of await watts(sensor)) seen.add(one)
    assert.deepEqual([...seen], ['SENSOR_TIMEOUT', 321])
  })

  test('a BMC that went is found again by the same sensor', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    const sensor = sensorAt(t, bmc.url)
    await sensor.open(signal)
    await bmc.vanish()
    assert.deepEqual(await watts(sensor), ['SENSOR_TRANSIENT'])
    assert.deepEqual(await watts(sensor), ['SENSOR_TRANSIENT'])
    assert.equal(await sensor.changed(), false)
    await bmc.listen()
    assert.deepEqual(await watts(sensor), [321])
  })

  test('closing does not wait for a silent BMC', async (t) => {
    const bmc = await setUp(t)
    bmc.answers.set('06/01', () => null)
    const abort = new AbortController()
    const sensor = sensorAt(t, bmc.url)
    const opening = sensor.open(abort.signal)
    await bmc.asked('06/01', 1, t.signal)
    abort.abort()
    await assert.rejects(opening)
    await sensor.close()
  })
})

describe('a BMC that falls silent in the midst of its records', () => {
  test('is given time, and its power is read without them', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    bmc.keep([sdrRecord()], {})
    bmc.say('0a/23', null)
    const began = performance.now()
    const channels = await sensorAt(t, bmc.url, { deadline: 200 }).open(signal)
    assert.deepEqual(names(channels), ['ac_in/bmc'])
    assert.match(channels[0]?.facts.records ?? '', /did not answer in time/)
    assert.ok(performance.now() - began >= 600)
  })
})
