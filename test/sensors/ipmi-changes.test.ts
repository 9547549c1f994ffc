import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { names, SCANNED, sensorAt, setUp, signal, until, watts } from './ipmi-machine.ts'
import { sdrRecord } from './sdr-record.ts'
import { powerReading } from './vm-bmc.ts'

describe('numbers that cannot be', () => {
  const cases: [string, number[], string][] = [
    ['0 W', powerReading(0), 'SENSOR_CORRUPT'],
    ['a saturated field', powerReading(65535), 'SENSOR_CORRUPT'],
    ['a short answer', powerReading(321).slice(0, 10), 'SENSOR_CORRUPT'],
    ['no data at all', [], 'SENSOR_CORRUPT'],
    ['another group extension', [0xdd, ...powerReading(321).slice(1)], 'SENSOR_CORRUPT'],
  ]
  for (const [what, answer, code] of cases) {
    test(what, async (t) => {
      const bmc = await setUp(t)
      bmc.identify(42)
      const sensor = sensorAt(t, bmc.url)
      await sensor.open(signal)
      bmc.say('2c/02', answer)
      assert.deepEqual(await watts(sensor), [code])
      bmc.say('2c/02', powerReading(300))
      assert.deepEqual(await watts(sensor), [300])
    })
  }

  test('0 W from all supplies together, while one alone may idle', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    bmc.say('2c/02', 0xc1)
    const records = [1, 2].map((number) => sdrRecord({ id: number - 1, number, name: `PS${number} Input Power` }))
    const supplied = (first: number, second: number) => bmc.keep(records, { 1: [first, SCANNED], 2: [second, SCANNED] })
    supplied(100, 90)
    const sensor = sensorAt(t, bmc.url)
    await sensor.open(signal)
    supplied(190, 0)
    assert.deepEqual(await watts(sensor), [190, 0])
    supplied(0, 0)
    assert.ok((await watts(sensor)).includes('SENSOR_CORRUPT'))
    supplied(0, 190)
    assert.deepEqual((await watts(sensor))[1], 190)
  })
})

describe('what changes', () => {
  const supplies = [1, 2].map((number) => sdrRecord({ id: number - 1, number, name: `PS${number} Input Power` }))

  test('records that changed are read anew, others are not', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    bmc.keep(supplies.slice(0, 1), { 1: [100, SCANNED], 2: [90, SCANNED] }, 1)
    const sensor = sensorAt(t, bmc.url, { intervalMs: 5 })
    await sensor.open(signal)
    const parts = bmc.count('0a/23')
    await sensor.open(signal)
    assert.equal(bmc.count('0a/23'), parts)
    assert.equal(await sensor.changed(), false)
    bmc.keep(supplies, { 1: [100, SCANNED], 2: [90, SCANNED] }, 2)
    await until(t, () => sensor.changed())
    assert.equal((await watts(sensor))[1], 'SENSOR_TRANSIENT')
    const channels = await sensor.open(signal)
    assert.deepEqual(names(channels), ['ac_in/bmc', 'psu/PS1 Input Power', 'psu/PS2 Input Power'])
    assert.equal(await sensor.changed(), false)
  })

  test('a supply that is plugged in or out', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    bmc.keep(supplies, { 1: [100, SCANNED] })
    const sensor = sensorAt(t, bmc.url, { intervalMs: 5 })
    assert.equal((await sensor.open(signal)).length, 2)
    bmc.keep(supplies, { 1: [100, SCANNED], 2: [90, SCANNED] })
    await until(t, () => sensor.changed())
    assert.equal((await sensor.open(signal)).length, 3)
    bmc.keep(supplies, { 2: [180, SCANNED] })
    await until(t, () => sensor.changed())
    assert.deepEqual(names(await sensor.open(signal)), ['ac_in/bmc', 'psu/PS2 Input Power'])
  })

  test("another BMC at the same place is not read by the first one's records", async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    bmc.keep(supplies, { 1: [100, SCANNED], 2: [90, SCANNED] })
    const sensor = sensorAt(t, bmc.url)
    await sensor.open(signal)
    await bmc.vanish()
    bmc.identify(43)
    await bmc.listen()
    const lost = 'SENSOR_TRANSIENT'
    await until(t, async () => (await watts(sensor))[0] !== lost)
    assert.deepEqual(await watts(sensor), [321, lost, lost])
    assert.equal(await sensor.changed(), true)
  })
})
