import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { meters, names, SCANNED, sensorAt, setUp, signal, until, watts } from './machine.ts'
import { sdrRecord, statusRecord } from './sdr-record.ts'
import { type Answer, powerReading } from './vm-bmc.ts'

describe('numbers that cannot be', () => {
  const cases: [string, number[], string][] = [
    ['0 W', powerReading(0), 'SENSOR_CORRUPT'],
    ['a saturated field', powerReading(65535), 'SENSOR_CORRUPT'],
    ["far beyond the BMC's own maximum", powerReading(65_000, 0x40, { least: 190, most: 242 }), 'SENSOR_CORRUPT'],
    ["far below the BMC's own minimum", powerReading(12, 0x40, { least: 190, most: 242 }), 'SENSOR_CORRUPT'],
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

  test('what its extremes leave open is believed', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    const sensor = sensorAt(t, bmc.url)
    await sensor.open(signal)
    const answers: [number, { least: number; most: number }][] = [
      [900, { least: 0, most: 0 }], // none are kept
      [900, { least: 900, most: 900 }], // each is a copy of the reading
      [580, { least: 190, most: 242 }], // a step of load that they have not seen yet
      [60, { least: 190, most: 242 }],
      [210, { least: 65_535, most: 0 }], // not begun
    ]
    for (const [power, extremes] of answers) {
      bmc.say('2c/02', powerReading(power, 0x40, extremes))
      assert.deepEqual(await watts(sensor), [power])
    }
  })

  test('extremes that every reading contradicts are not believed', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    const sensor = sensorAt(t, bmc.url)
    await sensor.open(signal)
    // Some glitches in a row, the first by the thread itself, change nothing.
    bmc.say('2c/02', powerReading(65_000, 0x40, { least: 190, most: 242 }))
    for (let times = 0; times < 8; times++) assert.deepEqual(await watts(sensor), ['SENSOR_CORRUPT'])
    bmc.say('2c/02', powerReading(210, 0x40, { least: 190, most: 242 }))
    assert.deepEqual(await watts(sensor), [210])
    bmc.say('2c/02', powerReading(400, 0x40, { least: 1, most: 1 }))
    for (let times = 0; times < 11; times++) assert.deepEqual(await watts(sensor), ['SENSOR_CORRUPT'])
    for (let times = 0; times < 3; times++) assert.deepEqual(await watts(sensor), [400])
  })

  test('the end of the range of a sensor', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    bmc.say('2c/02', 0xc1)
    const record = sdrRecord({ id: 0, m: 4 })
    bmc.keep([record], { 1: [60, SCANNED] })
    const sensor = sensorAt(t, bmc.url)
    await sensor.open(signal)
    bmc.keep([record], { 1: [0xff, SCANNED] })
    assert.deepEqual(await watts(sensor), ['SENSOR_CORRUPT'])
    bmc.keep([record], { 1: [0xfe, SCANNED] })
    assert.deepEqual(await watts(sensor), [1016])
  })

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

describe('a supply without mains', () => {
  const records = [1, 2].flatMap((instance) => [
    sdrRecord({
      id: 2 * instance - 2,
      number: instance,
      entityId: 10,
      entityInstance: instance,
      name: `PS${instance} PIN`,
    }),
    statusRecord(2 * instance - 1, 0x50 + instance, instance),
  ])
  const NO_READING = [0, SCANNED | 0x20]
  const states = (byte: number) => [0, SCANNED, byte]
  const [PRESENT, INPUT_LOST] = [0x01, 0x08]

  test('takes in 0 W where its status says so, and fails alone where it does not', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    bmc.say('2c/02', 0xc1)
    bmc.keep(records, { 1: [92, SCANNED], 2: [96, SCANNED], 81: states(PRESENT), 82: states(PRESENT) })
    const sensor = sensorAt(t, bmc.url)
    assert.deepEqual(meters(await sensor.open(signal)), ['psu', 'psu'])
    assert.deepEqual(await watts(sensor), [92, 96])
    assert.equal(bmc.requests.filter(({ data }) => data[0] === 82).length, 0)
    const cases: [Answer, number | string][] = [
      [states(PRESENT | INPUT_LOST), 0],
      [states(0), 0], // not there
      [states(PRESENT), 'SENSOR_TRANSIENT'],
      [NO_READING, 'SENSOR_TRANSIENT'],
      [[0, SCANNED], 'SENSOR_TRANSIENT'],
      [0xcb, 'SENSOR_TRANSIENT'],
    ]
    for (const [status, expected] of cases) {
      bmc.keep(records, { 1: [188, SCANNED], 2: NO_READING, 82: status })
      assert.deepEqual(await watts(sensor), [188, expected])
    }
    assert.equal(await sensor.changed(), false)
  })

  test('is a channel from the start', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    bmc.say('2c/02', 0xc1)
    bmc.keep(records, { 1: [188, SCANNED], 2: NO_READING, 82: states(PRESENT | INPUT_LOST) })
    const sensor = sensorAt(t, bmc.url)
    assert.deepEqual(meters(await sensor.open(signal)), ['psu', 'psu'])
    assert.deepEqual(await watts(sensor), [188, 0])
    bmc.keep(records, { 1: [92, SCANNED], 2: [96, SCANNED] })
    assert.deepEqual(await watts(sensor), [92, 96])
  })

  test('is pulled out, and costs the other one no reading', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    bmc.say('2c/02', 0xc1)
    bmc.keep(records, { 1: [92, SCANNED], 2: [96, SCANNED] })
    const sensor = sensorAt(t, bmc.url, { interval: 5 })
    await sensor.open(signal)
    bmc.keep(records, { 1: [188, SCANNED] })
    await until(t, () => sensor.changed())
    assert.deepEqual(await watts(sensor), [188, 'SENSOR_ABSENT'])
    assert.deepEqual(names(await sensor.open(signal)), ['psu/PS1 PIN'])
    assert.deepEqual(await watts(sensor), [188])
  })
})

describe('what changes', () => {
  const supplies = [1, 2].map((number) => sdrRecord({ id: number - 1, number, name: `PS${number} Input Power` }))

  test('records that changed are read anew, others are not', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    bmc.keep(supplies.slice(0, 1), { 1: [100, SCANNED], 2: [90, SCANNED] }, 1)
    const sensor = sensorAt(t, bmc.url, { interval: 5 })
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
    const sensor = sensorAt(t, bmc.url, { interval: 5 })
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
