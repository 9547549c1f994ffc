import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { failure, meters, names, SCANNED, sensorAt, setUp, signal, watts } from './machine.ts'
import { sdrRecord } from './sdr-record.ts'
import { powerReading } from './vm-bmc.ts'

describe('what a BMC offers', () => {
  test('DCMI alone: one channel, and one request per sweep', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    const sensor = sensorAt(t, bmc.url)
    const channels = await sensor.open(signal)
    assert.deepEqual(names(channels), ['ac_in/bmc'])
    assert.equal(channels[0]?.nodeMeter, 'dcmi')
    await watts(sensor)
    const before = bmc.requests.length
    assert.deepEqual(await watts(sensor), [321])
    assert.equal(bmc.requests.length, before + 1)
    assert.deepEqual(bmc.requests.at(-1)?.data, [0xdc, 0x01, 0x00, 0x00])
  })

  test('supplies beside DCMI, and no total by record', async (t) => {
    const bmc = await setUp(t)
    const records = [
      sdrRecord({ id: 0, number: 1, name: 'Pwr Consumption' }),
      sdrRecord({ id: 1, number: 2, m: 4, name: 'PS1 Input Power' }),
      sdrRecord({ id: 2, number: 3, m: 4, name: 'PS2 Input Power' }),
      sdrRecord({ id: 3, number: 4, name: 'CPU1 Power' }),
    ]
    bmc.keep(records, { 1: [200, SCANNED], 2: [40, SCANNED], 3: [30, SCANNED], 4: [99, SCANNED] })
    const sensor = sensorAt(t, bmc.url)
    const channels = await sensor.open(signal)
    assert.deepEqual(names(channels), ['ac_in/bmc', 'psu/PS1 Input Power', 'psu/PS2 Input Power'])
    assert.deepEqual(meters(channels), ['dcmi', 'psu', 'psu'])
    assert.deepEqual(await watts(sensor), [321, 160, 120])
  })

  test('without DCMI the record of the best name is the total', async (t) => {
    const bmc = await setUp(t)
    bmc.say('2c/02', 0xc1)
    bmc.keep(
      [sdrRecord({ id: 0, number: 1, name: 'Power Meter' }), sdrRecord({ id: 1, number: 2, name: 'Sys Power' })],
      { 1: [90, SCANNED], 2: [230, SCANNED] },
    )
    const channels = await sensorAt(t, bmc.url).open(signal)
    assert.deepEqual(names(channels), ['ac_in/bmc'])
    assert.equal(channels[0]?.nodeMeter, 'sdr')
    assert.match(channels[0]?.facts.source ?? '', /02h "Sys Power"/)
    const [{ relativeUncertainty } = { relativeUncertainty: 0 }] = channels
    assert.ok(Math.abs(relativeUncertainty - Math.hypot(0.02, 1 / Math.sqrt(12) / 230)) < 1e-12)
  })

  test('without DCMI the record of the system board is the total, whatever it is called', async (t) => {
    const bmc = await setUp(t)
    bmc.say('2c/02', 0xc1)
    const records = [
      sdrRecord({ id: 0, number: 1, entityId: 10, entityInstance: 96, name: 'Power1' }),
      sdrRecord({ id: 1, number: 2, entityId: 10, entityInstance: 97, name: 'Power2' }),
      sdrRecord({ id: 2, number: 3, entityId: 7, entityInstance: 96, name: 'Power' }),
      sdrRecord({ id: 3, number: 4, entityId: 3, entityInstance: 1, name: 'Power of it' }),
    ]
    bmc.keep(records, { 1: [90, SCANNED], 2: [78, SCANNED], 3: [168, SCANNED], 4: [99, SCANNED] })
    const sensor = sensorAt(t, bmc.url)
    const channels = await sensor.open(signal)
    assert.deepEqual(names(channels), ['ac_in/bmc', 'psu/Power1', 'psu/Power2'])
    assert.deepEqual(meters(channels), ['sdr', 'psu', 'psu'])
    assert.equal(channels[0]?.facts.notRead, '"Power of it" of entity 3.1')
    assert.deepEqual(await watts(sensor), [168, 90, 78])
  })

  test('a blade is not what its enclosure and the supplies of that take in', async (t) => {
    const bmc = await setUp(t)
    bmc.say('2c/02', 0xc1)
    const records = [
      sdrRecord({ id: 0, number: 1, entityId: 23, name: 'System Power' }),
      sdrRecord({ id: 1, number: 2, entityId: 10, name: 'PS1 Input Power' }),
      sdrRecord({ id: 2, number: 3, entityId: 7, name: 'Node Power' }),
    ]
    bmc.keep(records, { 1: [200, SCANNED], 2: [210, SCANNED], 3: [60, SCANNED] })
    const sysfs = mkdtempSync(join(tmpdir(), 'wattledger-'))
    t.after(() => rmSync(sysfs, { recursive: true }))
    mkdirSync(join(sysfs, 'class/dmi/id'), { recursive: true })
    writeFileSync(join(sysfs, 'class/dmi/id/chassis_type'), '28\n')
    const sensor = sensorAt(t, bmc.url, {}, sysfs)
    assert.deepEqual(names(await sensor.open(signal)), ['ac_in/bmc'])
    assert.deepEqual(await watts(sensor), [60])
  })

  test('watts count although the BMC says that it does not measure', async (t) => {
    const bmc = await setUp(t)
    bmc.say('2c/02', powerReading(222, 0x00))
    const sensor = sensorAt(t, bmc.url)
    const [channel] = await sensor.open(signal)
    assert.match(channel?.facts.measurement ?? '', /inactive/)
    assert.equal((await watts(sensor))[0], 222)
  })

  test('a first 0 W is looked at once more', async (t) => {
    const bmc = await setUp(t)
    bmc.keep([sdrRecord({ id: 0, name: 'PS1 Input Power' })], { 1: [150, SCANNED] })
    let firstMs: number | undefined
    bmc.answers.set('2c/02', () => {
      firstMs ??= performance.now()
      return powerReading(performance.now() - firstMs < 15 ? 0 : 200)
    })
    const sensor = sensorAt(t, bmc.url, { interval: 20 })
    assert.deepEqual(meters(await sensor.open(signal)), ['dcmi', 'psu'])
  })

  test('DCMI of 0 W gives way to supplies', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    bmc.say('2c/02', powerReading(0, 0))
    bmc.keep([sdrRecord({ id: 0, name: 'PS1 Input Power' })], { 1: [150, SCANNED] })
    assert.deepEqual(meters(await sensorAt(t, bmc.url, { interval: 20 }).open(signal)), ['psu'])
  })

  test('DCMI of 0 W and nothing else is a channel that fails', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    bmc.say('2c/02', powerReading(0, 0))
    const sensor = sensorAt(t, bmc.url, { interval: 20 })
    assert.deepEqual(meters(await sensor.open(signal)), ['dcmi'])
    assert.deepEqual(await watts(sensor), ['SENSOR_CORRUPT'])
  })

  test('supplies that all say 0 W are no meter', async (t) => {
    const bmc = await setUp(t)
    const records = [1, 2].map((number) => sdrRecord({ id: number - 1, number, name: `PS${number} Input Power` }))
    bmc.keep(records, { 1: [0, SCANNED], 2: [0, SCANNED] })
    assert.deepEqual(meters(await sensorAt(t, bmc.url).open(signal)), ['dcmi', null, null])
  })

  test('a supply that is not plugged in is left out, one without a reading is not', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    const records = [1, 2, 3].map((number) => sdrRecord({ id: number - 1, number, name: `PS${number} Input Power` }))
    bmc.keep(records, { 1: [100, SCANNED], 2: 0xcb, 3: [0, SCANNED | 0x20] })
    const sensor = sensorAt(t, bmc.url)
    const channels = await sensor.open(signal)
    assert.deepEqual(names(channels), ['ac_in/bmc', 'psu/PS1 Input Power', 'psu/PS3 Input Power'])
    assert.deepEqual(await watts(sensor), [321, 100, 'SENSOR_TRANSIENT'])
  })

  test('supplies of one name stay apart', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    const records = [1, 2].map((number) => sdrRecord({ id: number - 1, number, name: 'PSU Power' }))
    bmc.keep(records, { 1: [100, SCANNED], 2: [90, SCANNED] })
    const channels = await sensorAt(t, bmc.url).open(signal)
    assert.deepEqual(names(channels), ['ac_in/bmc', 'psu/PSU Power', 'psu/PSU Power #2'])
  })

  test("Dell's watt-hours are a channel, and the node's meter only for want of another", async (t) => {
    const bmc = await setUp(t)
    const energy = new Array<number>(24).fill(0)
    energy.splice(4, 4, 0x87, 0xd6, 0x12, 0x00)
    bmc.say('30/9c', energy)
    const sensor = sensorAt(t, bmc.url)
    const [, counter] = await sensor.open(signal)
    assert.ok(counter?.kind === 'counter')
    assert.deepEqual(counter.unitUj, { numerator: 3_600_000_000n, denominator: 1n })
    assert.equal(counter.modulus, null)
    assert.equal(counter.nodeMeter, null)
    assert.deepEqual(await watts(sensor), [321, 1234567])
    await sensor.close()
    bmc.say('2c/02', 0xc1)
    assert.deepEqual(meters(await sensor.open(signal)), ['oem'])
  })

  test("Lenovo's meters, the energy of the node first", async (t) => {
    const bmc = await setUp(t)
    bmc.identify(19046)
    bmc.say('2e/82', [0x66, 0x4a, 0x00, 0x00, 0x02, 0x06, 0x20])
    bmc.answers.set('2e/81', ([, , , handle, , , side]) =>
      handle === 0x20 && side === 0 ? [0x66, 0x4a, 0x00, 0, 0, 0, 0, 0, 0, 0x01, 0x00] : 0xcb,
    )
    const sensor = sensorAt(t, bmc.url)
    const [, dc] = await sensor.open(signal)
    assert.equal(dc?.scope, 'dc_node')
    assert.match(dc?.facts.source ?? '', /DC side/)
    assert.deepEqual(await watts(sensor), [321, 256])
    await sensor.close()
    bmc.say('3a/32', [1, 0, 0x10, 0, 0, 0, 0xe7, 0x03, 0, 0, 0, 0, 0, 0])
    const [, node] = await sensor.open(signal)
    assert.ok(node?.kind === 'counter')
    assert.equal(node.modulus, 1000n * 2n ** 32n)
    assert.deepEqual(await watts(sensor), [321, 16_999])
  })

  test("a vendor's commands are not sent to another vendor's BMC", async (t) => {
    const bmc = await setUp(t)
    bmc.identify(10876)
    await sensorAt(t, bmc.url).open(signal)
    assert.deepEqual(
      bmc.requests.filter(({ netfn }) => netfn >= 0x2e),
      [],
    )
  })

  test('a BMC without anything to read', async (t) => {
    const bmc = await setUp(t)
    bmc.say('2c/02', 0xc1)
    const error = await failure(sensorAt(t, bmc.url).open(signal))
    assert.equal(error.code, 'SENSOR_ABSENT')
    assert.match(error.message, /no power sensor, and no DCMI power reading: the BMC answered c1h/)
  })

  test('sensors of watts that nobody understands are named', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    bmc.say('2c/02', 0xc1)
    const records = [
      sdrRecord({ id: 0, number: 1, entityId: 3, entityInstance: 1, name: 'CPU1 Power' }),
      sdrRecord({ id: 1, number: 2, name: 'Blue Feed' }),
    ]
    bmc.keep(records, { 1: [90, SCANNED], 2: [78, SCANNED] })
    const { code, message } = await failure(sensorAt(t, bmc.url).open(signal))
    assert.equal(code, 'SENSOR_ABSENT')
    const sensors = '("CPU1 Power" of entity 3.1, "Blue Feed" of entity 0.0)'
    assert.ok(
      message.includes(`: no sensor known to meter the machine ${sensors}, and no DCMI power reading: `),
      message,
    )
  })

  test('a busy BMC is asked another time', async (t) => {
    const bmc = await setUp(t)
    for (const code of [0xc0, 0xd1, 0xd2]) {
      bmc.say('2c/02', code)
      assert.equal((await failure(sensorAt(t, bmc.url).open(signal))).code, 'SENSOR_TRANSIENT')
    }
  })

  test('records that cannot be read cost no power reading', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    bmc.keep([sdrRecord()], {})
    bmc.say('0a/23', 0xd0)
    const channels = await sensorAt(t, bmc.url).open(signal)
    assert.deepEqual(names(channels), ['ac_in/bmc'])
    assert.match(channels[0]?.facts.records ?? '', /could not be read: the BMC answered with code d0/)
  })
})
