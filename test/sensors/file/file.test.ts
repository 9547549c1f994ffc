import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { parseConfig } from '../../../src/config/loader.ts'
import type { Channel } from '../../../src/model/channel.ts'
import type { Sensor } from '../../../src/model/sensor.ts'
import { SensorError } from '../../../src/model/sensor-error.ts'
import { file } from '../../../src/sensors/file/file.ts'
import type { FileSettings } from '../../../src/sensors/file/schema.ts'
import { metered, meteredInputs } from '../../fixtures/machines/file.ts'
import { writeMachine } from '../../fixtures/machines/machine.ts'
import { TestClock } from '../../integration/machine.ts'
import { withoutRights } from '../rapl/machine.ts'

const roots: string[] = []
after(() => {
  for (const root of roots) rmSync(root, { recursive: true })
})
const { signal } = new AbortController()
const NS_PER_S = 1_000_000_000n

type Input = { path: string; unit: string; scope: string; device: string; max_age?: string; hardware?: string }

/** The settings that a configuration with these inputs comes to. */
function settingsOf(inputs: readonly Input[]): FileSettings {
  const text = JSON.stringify({ sensors: { file: { inputs } } })
  return parseConfig(text, { HOME: '/root' }, 'test.yaml').sensors.file
}

/** A folder into which a program renames files, and a clock that moves when told. */
class Setting {
  readonly root = mkdtempSync(join(tmpdir(), 'wattledger-file-'))
  readonly clock = new TestClock()

  constructor() {
    roots.push(this.root)
  }

  path(name: string): string {
    return join(this.root, name)
  }

  /** As a careful program does: beside it, then in its place. Its time is that of the test's clock. */
  write(name: string, text: string): void {
    const path = this.path(name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(`${path}.new`, text)
    const seconds = this.clock.unixMs() / 1_000
    utimesSync(`${path}.new`, seconds, seconds)
    renameSync(`${path}.new`, path)
  }

  sensor(...inputs: readonly (Omit<Input, 'path'> & { name: string })[]): Sensor {
    const settings = settingsOf(inputs.map(({ name, ...rest }) => ({ ...rest, path: this.path(name) })))
    return file.create(settings, { sysfs: '/sys', procfs: '/proc', devfs: '/dev', clock: this.clock })
  }

  /** What is delivered after some seconds: µW, counts, or the code of a failure. */
  after(sensor: Sensor, seconds: number): (bigint | string)[] {
    this.clock.advance(BigInt(seconds) * NS_PER_S)
    return shown(sensor)
  }
}

function shown(sensor: Sensor): (bigint | string)[] {
  return sensor.drain().flatMap(({ readings }) =>
    readings.map((reading) => {
      if (reading.status === 'failed') return reading.code
      return reading.status === 'power' ? reading.powerUw : reading.count
    }),
  )
}

async function refusal(sensor: Sensor): Promise<SensorError> {
  const error = await sensor.open(signal).then(
    () => null,
    (error) => error,
  )
  assert.ok(error instanceof SensorError)
  return error
}

const watts = { name: 'watts', unit: 'W', scope: 'ac_in', device: 'plug' } as const

test('the channels of the fixture: a meter of the machine, a counter of two decimals, a card by its place', async () => {
  const setting = new Setting()
  writeMachine(setting.root, metered)
  const settings = settingsOf(meteredInputs(setting.root))
  const clock = { ...setting.clock, unixMs: Date.now }
  const sensor = file.create(settings, { sysfs: '/sys', procfs: '/proc', devfs: '/dev', clock })
  const channels = await sensor.open(signal)
  assert.deepEqual(
    channels.map(({ scope, device, kind, nodeMeter, hardware }) => [scope, device, kind, nodeMeter, hardware]),
    [
      ['ac_in', 'plug', 'power', 'file', null],
      ['other', 'plug', 'counter', null, null],
      ['gpu', 'card', 'counter', null, '0000:3b:00.0'],
    ],
  )
  const units = channels.flatMap((one) => (one.kind === 'counter' ? [one.unitUj] : []))
  assert.deepEqual(units, [
    { numerator: 3_600_000_000_000n, denominator: 100n },
    { numerator: 1_000_000n, denominator: 10n },
  ])
  assert.equal(channels[1]?.facts.resolution, '0.01 kWh')
})

test('each unit of power is read to the microwatt', async () => {
  for (const [unit, text, powerUw] of [
    ['W', '123.456789', 123_456_789n],
    ['mW', '123456.789', 123_456_789n],
    ['uW', '123456789', 123_456_789n],
    ['W', '1.5e2\nanything may follow\n', 150_000_000n],
  ] as const) {
    const setting = new Setting()
    setting.write('watts', text)
    const sensor = setting.sensor({ ...watts, unit })
    await sensor.open(signal)
    assert.deepEqual(setting.after(sensor, 1), [powerUw], `${text} ${unit}`)
  }
})

test('a power holds until the file is as old as max_age, then it is a failure until the next one', async () => {
  const setting = new Setting()
  setting.write('watts', '100')
  const sensor = setting.sensor({ ...watts, max_age: '3s' })
  await sensor.open(signal)
  assert.deepEqual(
    [1, 1, 1].map((s) => setting.after(sensor, s)),
    [[100_000_000n], [100_000_000n], [100_000_000n]],
  )
  assert.deepEqual(setting.after(sensor, 1), ['SENSOR_TRANSIENT'])
  setting.write('watts', '100')
  assert.deepEqual(setting.after(sensor, 1), [100_000_000n])
})

test('a file that was old before the agent looked is not there yet', async () => {
  const setting = new Setting()
  setting.write('watts', '100')
  setting.clock.advance(31n * NS_PER_S)
  const sensor = setting.sensor(watts)
  const error = await refusal(sensor)
  assert.equal(error.code, 'SENSOR_TRANSIENT')
  assert.match(error.message, /watts was not written for 31 s/)
})

test('a wall clock that jumps makes no file old and keeps no dead one young', async () => {
  const setting = new Setting()
  setting.write('watts', '100')
  const sensor = setting.sensor({ ...watts, max_age: '3s' })
  await sensor.open(signal)
  setting.clock.wallMs += 3_600_000
  assert.deepEqual(setting.after(sensor, 1), [100_000_000n])
  // Written by a program that still has the old time, and one from an hour ahead.
  setting.clock.wallMs -= 3_600_000
  setting.write('watts', '101')
  setting.clock.wallMs += 3_600_000
  assert.deepEqual(setting.after(sensor, 1), [101_000_000n])
  setting.clock.wallMs += 3_600_000
  setting.write('watts', '102')
  setting.clock.wallMs -= 7_200_000
  assert.deepEqual(setting.after(sensor, 1), [102_000_000n])
  assert.deepEqual(setting.after(sensor, 4), ['SENSOR_TRANSIENT'])
})

test('time in suspend makes a file old', async () => {
  const setting = new Setting()
  setting.write('watts', '100')
  const sensor = setting.sensor(watts)
  await sensor.open(signal)
  setting.clock.suspendedNs = 60n * NS_PER_S
  assert.deepEqual(setting.after(sensor, 1), ['SENSOR_TRANSIENT'])
})

test('a counter is read once for each time that it is written, and whenever somebody asks', async () => {
  const setting = new Setting()
  setting.write('kwh', '1042.07')
  const sensor = setting.sensor({ name: 'kwh', unit: 'kWh', scope: 'ac_in', device: 'plug', max_age: '1m' })
  const [channel] = await sensor.open(signal)
  assert.equal(channel?.intervalNs, 60n * NS_PER_S)
  assert.deepEqual(setting.after(sensor, 1), [104_207n])
  assert.deepEqual(setting.after(sensor, 1), [])
  setting.write('kwh', '1042.07')
  assert.deepEqual(setting.after(sensor, 1), [104_207n])
  setting.write('kwh', '1042.1')
  assert.deepEqual(setting.after(sensor, 1), [104_210n])
  await sensor.readNow(signal)
  assert.deepEqual(shown(sensor), [104_210n])
  assert.deepEqual(setting.after(sensor, 60), ['SENSOR_TRANSIENT'])
})

test('a card is one place, however its PCI address is written', async () => {
  const setting = new Setting()
  setting.write('joules', '5')
  for (const device of ['3b:00.0', '3B:00.0', '0000:3b:00.0', '00000000:3B:00.0']) {
    const sensor = setting.sensor({ name: 'joules', unit: 'J', scope: 'gpu', device })
    assert.equal((await sensor.open(signal))[0]?.hardware, '0000:3b:00.0', device)
  }
})

test('more decimals than before: less is lost after the sensor is opened anew, and nothing before', async () => {
  const setting = new Setting()
  setting.write('joules', '5')
  const sensor = setting.sensor({ name: 'joules', unit: 'J', scope: 'gpu', device: '00000000:3B:00.0' })
  const unitOf = ([channel]: readonly Channel[]) => channel?.kind === 'counter' && channel.unitUj.denominator
  assert.equal(unitOf(await sensor.open(signal)), 1n)
  setting.write('joules', '6.75')
  assert.deepEqual([setting.after(sensor, 1), await sensor.changed()], [[6n], true])
  const channels = await sensor.open(signal)
  assert.deepEqual([unitOf(channels), channels[0]?.hardware], [100n, '0000:3b:00.0'])
  assert.deepEqual([setting.after(sensor, 1), await sensor.changed()], [[675n], false])
  // A rounding error of a float is no resolution.
  setting.write('joules', '7.1000000000000005')
  assert.deepEqual([setting.after(sensor, 1), await sensor.changed()], [[710n], true])
  assert.equal(unitOf(await sensor.open(signal)), 1_000_000n)
})

test('what is no number, cannot be or cannot be read is a failure, never power', async () => {
  const setting = new Setting()
  setting.write('watts', '100')
  const sensor = setting.sensor(watts)
  await sensor.open(signal)
  const path = setting.path('watts')
  mkdirSync(setting.path('folder'))
  const failures: [string, () => void][] = [
    ['SENSOR_CORRUPT', () => setting.write('watts', '12,5')],
    ['SENSOR_CORRUPT', () => setting.write('watts', '')],
    ['SENSOR_CORRUPT', () => setting.write('watts', '-1')],
    ['SENSOR_CORRUPT', () => setting.write('watts', '0')],
    ['SENSOR_CORRUPT', () => setting.write('watts', '1e9')],
    ['SENSOR_CORRUPT', () => truncateSync(path, 2 ** 32)],
    ['SENSOR_ABSENT', () => rmSync(path)],
    ['SENSOR_CORRUPT', () => execFileSync('mkfifo', [path])],
    ['SENSOR_ABSENT', () => rmSync(path)],
    ['SENSOR_CORRUPT', () => renameSync(setting.path('folder'), path)],
  ]
  for (const [code, harm] of failures) {
    harm()
    assert.deepEqual(setting.after(sensor, 1), [code], String(harm))
  }
  rmSync(path, { recursive: true })
  setting.write('watts', '90')
  assert.deepEqual(setting.after(sensor, 1), [90_000_000n])
})

test('a count that no ledger could keep is refused', async () => {
  const setting = new Setting()
  setting.write('joules', '9'.repeat(25))
  const error = await refusal(setting.sensor({ name: 'joules', unit: 'J', scope: 'ac_in', device: 'plug' }))
  assert.deepEqual([error.code, /more than any machine/.test(error.message)], ['SENSOR_CORRUPT', true])
})

test('one file that can be read is enough; without any, the sensor says why and is tried again soon', async () => {
  const setting = new Setting()
  const both = setting.sensor(
    { ...watts, scope: 'psu', name: 'a', device: 'a' },
    { ...watts, scope: 'psu', name: 'b', device: 'b' },
  )
  const error = await refusal(both)
  assert.deepEqual([error.code, error.retryAfterMs], ['SENSOR_ABSENT', 5_000])
  setting.write('b', '0')
  assert.equal((await both.open(signal)).length, 2)
  assert.deepEqual(setting.after(both, 1), ['SENSOR_ABSENT', 0n], 'one supply of several may idle')
  setting.write('a', '80')
  assert.deepEqual(setting.after(both, 1), [80_000_000n, 0n])
  assert.match((await refusal(setting.sensor())).message, /sensors\.file\.inputs names no file/)
})

test('a file that may not be read says how it can be', async () => {
  const setting = new Setting()
  setting.write('watts', '100')
  chmodSync(setting.root, 0o755)
  chmodSync(setting.path('watts'), 0)
  const error = await withoutRights(() => refusal(setting.sensor(watts)))
  assert.equal(error.code, 'SENSOR_PERMISSION')
  assert.match(error.remedy ?? '', /chgrp wattledger .*watts && chmod g\+r/)
})

test('the meter is the best scope of the whole machine; inputs of the others tell what is in it', async () => {
  const setting = new Setting()
  for (const name of ['a', 'b', 'c']) setting.write(name, '50')
  const sensor = setting.sensor(
    { name: 'a', unit: 'W', scope: 'psys', device: 'board' },
    { name: 'b', unit: 'W', scope: 'psu', device: 'left' },
    { name: 'c', unit: 'W', scope: 'psu', device: 'right' },
  )
  assert.deepEqual(
    (await sensor.open(signal)).map(({ nodeMeter }) => nodeMeter),
    [null, 'file', 'file'],
  )
})

test('the configuration refuses what would count twice', () => {
  const fails = (inputs: readonly Partial<Input>[], expected: RegExp) => {
    const entries = inputs.map((one) => ({ path: '/run/x', unit: 'W', scope: 'psu', device: 'a', ...one }))
    assert.throws(() => settingsOf(entries), expected)
  }
  fails([{}, {}], /sensors\.file\.inputs\.1\.device: expected a device that no other psu has, received "a"/)
  fails([{ scope: 'ac_in' }, { scope: 'ac_in', device: 'b' }], /inputs\.1\.scope: expected one ac_in at most/)
  fails([{ scope: 'package', device: 'cpu' }], /inputs\.0\.device: expected a package named by its socket/)
  fails([{ scope: 'package', device: 'socket-01' }], /inputs\.0\.device: expected a package named by its socket/)
  fails([{ scope: 'dram', hardware: 'ddr' }], /inputs\.0\.hardware: expected a dram named by its socket/)
  fails([{ unit: 'kW' }], /inputs\.0\.unit: expected W, mW, uW, J, mJ, uJ, Wmin, Wh or kWh, received "kW"/)
  fails([{ path: 'x' }], /inputs\.0\.path: expected an absolute path/)
  fails(
    [{ colour: 'red' } as Partial<Input>],
    /inputs\.0\.colour: expected one of the keys path, unit, scope, device, max_age, hardware/,
  )
  settingsOf([{ path: '/run/x', unit: 'mJ', scope: 'dram', device: 'ddr', hardware: 'socket-1' }])
})
