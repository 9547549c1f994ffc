import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { Channel } from '../../src/model/channel.ts'
import type { Reading } from '../../src/model/reading.ts'
import type { Sensor } from '../../src/model/sensor.ts'
import { SensorError } from '../../src/model/sensor-error.ts'
import { ipmi } from '../../src/sensors/ipmi.ts'
import { systemClock } from '../../src/sensors/system-clock.ts'
import { sdrRecord } from './sdr-record.ts'
import { powerReading, VmBmc, type VmRequest, vmFrame } from './vm-bmc.ts'

const { signal } = new AbortController()
const SCANNED = 0xc0

/** A long interval: nothing is read but what the test asks for. */
const QUIET_MS = 600_000

async function setUp(t: TestContext): Promise<VmBmc> {
  const bmc = await VmBmc.start()
  t.after(() => bmc[Symbol.asyncDispose]())
  return bmc
}

function sensorAt(t: TestContext, device: string, options: { intervalMs?: number; deadlineMs?: number } = {}): Sensor {
  const context = { sysfs: '/sys', procfs: '/proc', devfs: '/dev', clock: systemClock }
  const sensor = ipmi.create({ device, intervalMs: QUIET_MS, deadlineMs: 10_000, ...options }, context)
  t.after(() => sensor.close())
  return sensor
}

async function read(sensor: Sensor): Promise<readonly Reading[]> {
  const [sweep] = await sensor.readNow(signal)
  assert.ok(sweep)
  return sweep.readings
}

async function watts(sensor: Sensor): Promise<(number | string)[]> {
  return (await read(sensor)).map((reading) => {
    if (reading.status === 'failed') return reading.code
    return Number(reading.status === 'power' ? reading.powerUw : reading.count) / (reading.status === 'power' ? 1e6 : 1)
  })
}

const names = (channels: readonly Channel[]) => channels.map(({ scope, device }) => `${scope}/${device}`)
const meters = (channels: readonly Channel[]) => channels.map(({ nodeMeter }) => nodeMeter?.meter ?? null)

async function failure(promise: Promise<unknown>): Promise<SensorError> {
  const error = await promise.then(
    () => null,
    (cause: unknown) => cause,
  )
  assert.ok(error instanceof SensorError)
  return error
}

describe('what a BMC offers', () => {
  test('DCMI alone: one channel, and one request per sweep', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    const sensor = sensorAt(t, bmc.url)
    const channels = await sensor.open(signal)
    assert.deepEqual(names(channels), ['ac_in/bmc'])
    assert.deepEqual(channels[0]?.nodeMeter, { meter: 'dcmi', rank: 10 })
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
    assert.deepEqual(channels[0]?.nodeMeter, { meter: 'sdr', rank: 20 })
    assert.match(channels[0]?.facts.source ?? '', /02h "Sys Power"/)
    const [{ relativeUncertainty } = { relativeUncertainty: 0 }] = channels
    assert.ok(Math.abs(relativeUncertainty - Math.hypot(0.02, 1 / Math.sqrt(12) / 230)) < 1e-12)
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
    const sensor = sensorAt(t, bmc.url, { intervalMs: 20 })
    assert.deepEqual(meters(await sensor.open(signal)), ['dcmi', 'psu'])
  })

  test('DCMI of 0 W gives way to supplies', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    bmc.say('2c/02', powerReading(0, 0))
    bmc.keep([sdrRecord({ id: 0, name: 'PS1 Input Power' })], { 1: [150, SCANNED] })
    assert.deepEqual(meters(await sensorAt(t, bmc.url, { intervalMs: 20 }).open(signal)), ['psu'])
  })

  test('DCMI of 0 W and nothing else is a channel that fails', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    bmc.say('2c/02', powerReading(0, 0))
    const sensor = sensorAt(t, bmc.url, { intervalMs: 20 })
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
      bmc.say('2c/02', powerReading(value))
      assert.deepEqual(await watts(sensor), [value])
    }
  })

  test('a wrong sum is no answer', async (t) => {
    const bmc = await setUp(t)
    bmc.identify(42)
    const sensor = sensorAt(t, bmc.url, { deadlineMs: 300 })
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
    const sensor = sensorAt(t, bmc.url, { deadlineMs: 300 })
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

describe('what changes', () => {
  const supplies = [1, 2].map((number) => sdrRecord({ id: number - 1, number, name: `PS${number} Input Power` }))

  async function until(t: TestContext, condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition())) await setTimeout(5, undefined, { signal: t.signal })
  }

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

describe('what a person can do', () => {
  function directory(t: TestContext): string {
    const path = mkdtempSync(join(tmpdir(), 'wattledger-ipmi-'))
    t.after(() => rmSync(path, { recursive: true }))
    return path
  }
  const open = (t: TestContext, devfs: string, device = '/dev/ipmi0') => {
    const context = { sysfs: '/sys', procfs: '/proc', devfs, clock: systemClock }
    const sensor = ipmi.create({ device, intervalMs: QUIET_MS, deadlineMs: 1_000 }, context)
    t.after(() => sensor.close())
    return failure(sensor.open(signal))
  }

  test('no device: the modules are not loaded', async (t) => {
    const error = await open(t, directory(t))
    assert.equal(error.code, 'SENSOR_ABSENT')
    assert.match(error.message, /ipmi0: No such file or directory/)
    assert.match(error.remedy ?? '', /^modprobe -a ipmi_devintf ipmi_si && /)
  })

  test('a plain file is no IPMI device', async (t) => {
    const devfs = directory(t)
    mkdirSync(join(devfs, 'ipmi'))
    // The older name, found for want of ipmi0.
    writeFileSync(join(devfs, 'ipmi/0'), '')
    const error = await open(t, devfs)
    assert.equal(error.code, 'SENSOR_ABSENT')
    assert.equal(error.message, `${devfs}/ipmi/0: not an IPMI device`)
  })

  test('no permission: the udev rule', async (t) => {
    const devfs = directory(t)
    const device = join(devfs, 'ipmi0')
    writeFileSync(device, '')
    chmodSync(device, 0)
    chmodSync(devfs, 0o755)
    const error = await asNobody(() => open(t, devfs))
    assert.equal(error.code, 'SENSOR_PERMISSION')
    assert.match(error.remedy ?? '', /KERNEL=="ipmi\[0-9\]\*", GROUP="wattledger-sensors", MODE="0440"/)
  })

  test('nobody listens, or nobody is there', async (t) => {
    const bmc = await setUp(t)
    await bmc.vanish()
    const refused = await failure(sensorAt(t, bmc.url).open(signal))
    assert.equal(refused.code, 'SENSOR_TRANSIENT')
    assert.match(refused.message, /^vm:\/\/127.0.0.1:\d+: Connection refused$/)
    const unknown = await failure(sensorAt(t, 'vm://bmc.invalid:9002').open(signal))
    assert.equal(unknown.code, 'SENSOR_ABSENT')
  })
})

/** Runs as an unprivileged user if this process may choose; root would not be refused. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.(65534)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}
