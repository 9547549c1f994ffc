import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Sensor } from '../../../src/model/sensor.ts'
import { SensorError } from '../../../src/model/sensor-error.ts'
import { ReaderError } from '../../../src/native/reader-thread.ts'
import { systemClock } from '../../../src/native/system-clock.ts'
import { type HsmpOptions, hsmp } from '../../../src/sensors/hsmp/hsmp.ts'
import { explainHsmpError } from '../../../src/sensors/hsmp/remedy.ts'
import { hsmpSchema } from '../../../src/sensors/hsmp/schema.ts'
import { type Firmware, genoa, HsmpMachine } from '../../fixtures/hsmp.ts'
import { writeMachine } from '../../fixtures/machines/machine.ts'
import { epyc } from '../../fixtures/machines/rapl.ts'

const { signal } = new AbortController()
const { ENOENT, EPERM, EACCES, ETIMEDOUT } = constants.errno

async function on(t: TestContext, firmware: Firmware, options: Partial<HsmpOptions> = {}) {
  const machine = await HsmpMachine.create(firmware)
  const { directory, device } = machine
  const context = { sysfs: directory, procfs: directory, devfs: directory, clock: systemClock }
  const sensor = hsmp.create({ interval: 3_600_000, device, ...options }, context)
  t.after(async () => {
    await sensor.close()
    await machine[Symbol.asyncDispose]()
  })
  return { machine, sensor, context }
}

async function read(sensor: Sensor): Promise<string[]> {
  const [sweep] = await sensor.readNow(signal)
  return (sweep?.readings ?? []).map((reading) => {
    if (reading.status === 'counter') return `count ${reading.count}`
    return reading.status === 'power' ? `power ${reading.powerUw}` : `${reading.code} ${reading.message}`
  })
}

/** Firmware of family 1Ah: a unit of 2^-14 J, and 64 bits of energy, low word first. */
const turin: Firmware = [{ 3: [7], 4: [300_000], 7: [500_000], 48: [14 << 8], 50: [5, 1] }]

test('each socket is a package with its power', async (t) => {
  const { machine, sensor } = await on(t, genoa)
  const channels = await sensor.open(signal)
  assert.deepEqual(
    channels.map(({ scope, device, hardware, kind, maxPowerUw }) => [scope, device, hardware, kind, maxPowerUw]),
    [
      ['package', 'socket-0', 'socket-0', 'power', 600_000_000n],
      ['package', 'socket-1', 'socket-1', 'power', 600_000_000n],
    ],
  )
  assert.deepEqual(channels[0]?.facts, {
    path: machine.device,
    protocol: '5',
    greatestLimit: '400 W',
    source: 'message 0x04, socket power',
    resolution: '1 mW',
  })
  assert.deepEqual(await read(sensor), ['power 212400000', 'power 198750000'])
})

test('a power that cannot be is none', async (t) => {
  const { machine, sensor } = await on(t, genoa)
  await sensor.open(signal)
  machine.firmware = [{ 4: [0] }, { 4: [0xffffffff] }]
  assert.deepEqual(await read(sensor), [
    'SENSOR_CORRUPT 0 W from a processor that answers',
    'SENSOR_CORRUPT 4294967295000 µW are more than the socket can draw',
  ])
  machine.errno = ETIMEDOUT
  assert.deepEqual((await read(sensor))[0], 'SENSOR_TIMEOUT ETIMEDOUT: connection timed out')
})

test('where the firmware counts energy, that is the channel, and no sentinel is a count', async (t) => {
  const { machine, sensor } = await on(t, turin)
  const [channel, ...others] = await sensor.open(signal)
  assert.deepEqual(others, [])
  assert.ok(channel?.kind === 'counter')
  assert.deepEqual(channel.unitUj, { numerator: 1_000_000n, denominator: 16_384n })
  assert.deepEqual(await read(sensor), [`count ${2n ** 32n + 5n}`])
  for (const words of [
    [0, 0],
    [0xffffffff, 0xffffffff],
  ]) {
    machine.firmware = [{ ...turin[0], 50: words }]
    assert.deepEqual(await read(sensor), ['SENSOR_TRANSIENT no energy is told'])
    const [power] = await sensor.open(signal)
    assert.equal(power?.kind, 'power')
    machine.firmware = turin
    await sensor.open(signal)
  }
})

test('a sum that stands still while the socket draws power is found out, and the power counts', async (t) => {
  const { sensor } = await on(t, turin, { interval: 5, compareMs: 200 })
  await sensor.open(signal)
  while (!(await sensor.changed())) {
    await sensor.readNow(signal)
    sensor.drain()
  }
  const [channel] = await sensor.open(signal)
  assert.equal(channel?.kind, 'power')
  assert.match(channel?.facts.check ?? '', /it made 0\.0 J where its power makes/)
})

test('the socket of an MI300A holds its compute dies and memory', async (t) => {
  const { sensor } = await on(t, [{ 3: [6], 4: [410_000] }])
  assert.deepEqual(
    (await sensor.open(signal)).map(({ scope, hardware }) => [scope, hardware]),
    [['module', 'socket-0']],
  )
})

test('says what to do where there is none', async (t) => {
  const { context } = await on(t, genoa)
  const absent = hsmp.create({ interval: 1_000, device: '/dev/hsmp' }, context)
  await assert.rejects(absent.open(signal), {
    code: 'SENSOR_ABSENT',
    message: /^there is no \S+\/hsmp: EPYC has HSMP, from Zen 3 on$/,
  })
  const root = context.sysfs
  writeMachine(root, epyc)
  mkdirSync(join(root, 'proc'), { recursive: true })
  const roots = { ...context, sysfs: join(root, 'sys'), procfs: join(root, 'proc') }
  const told = (errno: number) => explainHsmpError(new ReaderError('SENSOR_ABSENT', 'text', errno), '/dev/hsmp', roots)
  assert.match(told(ENOENT).remedy ?? '', /^modprobe amd_hsmp && /)
  assert.match(told(ENOENT).message, /^there is no \/dev\/hsmp: amd_hsmp is not loaded, or the firmware/)
  assert.equal(told(EPERM).code, 'SENSOR_PERMISSION')
  assert.match(told(EPERM).remedy ?? '', /DeviceAllow=\/dev\/hsmp r/)
  assert.match(told(EACCES).remedy ?? '', /60-wattledger-hsmp\.rules/)
  const other = new SensorError('SENSOR_TIMEOUT', 'text')
  assert.equal(explainHsmpError(other, '/dev/hsmp', roots), other)
  // A file in the device's place is none.
  writeFileSync(join(root, 'hsmp'), '')
  await assert.rejects(absent.open(signal), { code: 'SENSOR_TRANSIENT', message: /ENOTTY/ })
})

test('the device is a path or a socket', () => {
  for (const device of ['/dev/hsmp', 'unix:/run/hsmp.sock']) assert.equal(hsmpSchema.parse({ device }).device, device)
  for (const device of ['hsmp', 'unix:hsmp', 'tcp:/x', ''])
    assert.equal(hsmpSchema.safeParse({ device }).success, false)
})
